import { HttpProblem } from '@libs/http';
import { PayingBrake, type PayingState } from '@libs/submissions';
import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

const REASON_CHARACTERS_MAX = 100;

/** The emergency stop for all tenants. When a call returns, it is in force in every process. */
@Controller('paying')
export class PayingController {
  constructor(
    private readonly brake: PayingBrake,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  @Get()
  async show(): Promise<object> {
    return stateJson(await this.brake.state());
  }

  @Post('stop')
  @HttpCode(200)
  async stop(@Body() body: unknown): Promise<object> {
    const { reason } = orderOf(body, []);
    return stateJson(await this.brake.stop({ reason, actor: this.actor }));
  }

  @Post('resume')
  @HttpCode(200)
  async resume(@Body() body: unknown): Promise<object> {
    const { reason, hold } = orderOf(body, ['hold']);
    const resumed = await this.brake.resume({ reason, hold, actor: this.actor });
    if (resumed.ok) return stateJson(resumed.value);
    if (resumed.error.kind === 'nothing held')
      throw new HttpProblem(409, { error: 'nothing is stopped: there is nothing to resume' });
    const holds = resumed.error.holds.map((one) => JSON.stringify(one)).join(', ');
    throw new HttpProblem(409, {
      error: 'say in "hold" which stop is to be lifted',
      extras: { hold: `hold must be one of ${holds}` },
    });
  }

  private get actor(): string {
    return `operator:${this.settings.ADMIN_ACCOUNT}`;
  }
}

interface Order {
  readonly reason: string;
  readonly hold: string | null;
}

function orderOf(body: unknown, optional: readonly 'hold'[]): Order {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const { reason, hold } = fields;
  const extras: Record<string, string> = {};
  const isText = (value: unknown): value is string =>
    typeof value === 'string' &&
    value.trim() !== '' &&
    !value.includes('\0') &&
    value.trim().length <= REASON_CHARACTERS_MAX;
  if (!isText(reason))
    extras['reason'] = `reason is required and has at most ${String(REASON_CHARACTERS_MAX)} characters`;
  const namesHold = optional.includes('hold') && hold !== undefined && hold !== null;
  if (namesHold && !isText(hold)) extras['hold'] = 'hold must be the reason of a stop';
  if (Object.keys(extras).length > 0 || !isText(reason))
    throw new HttpProblem(400, { error: 'invalid request body', extras });
  return { reason: reason.trim(), hold: namesHold && isText(hold) ? hold.trim() : null };
}

const stateJson = ({ holds, mayStillBePaid, mayStillBePaidCount }: PayingState): object => ({
  stopped: holds.length > 0,
  holds: holds.map(({ reason, actor, since }) => ({ reason, actor, since: since.toISOString() })),
  may_still_be_paid_count: mayStillBePaidCount,
  may_still_be_paid: mayStillBePaid.map(({ tenantId, paymentId, dispatch, until }) => ({
    tenant_id: tenantId,
    payment_id: paymentId,
    dispatch,
    until: until.toISOString(),
  })),
});
