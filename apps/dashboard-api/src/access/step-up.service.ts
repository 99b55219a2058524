import { HttpProblem } from '@libs/http';
import { hasOwnFactor, SecondFactor } from '@libs/identity';
import { Clock } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { type Organization, OrganizationsRepository } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { SETTINGS } from '../platform.module';
import { needsSecondFactor } from '../session/mfa-requirement';
import type { StaffSettings } from '../staff-settings';
import type { Caller } from './caller';

const MINUTE_MS = 60_000;

/** Asks for a second factor again where a stolen session would do the most harm. */
@Injectable()
export class StepUp {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secondFactor: SecondFactor,
    private readonly organizations: OrganizationsRepository,
    private readonly clock: Clock,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  /** Throws a 403 unless the caller has shown a second factor a short while ago, or none is asked for at all. */
  async assertFresh(caller: Caller): Promise<void> {
    if (this.isFresh(caller)) return;
    const { tenantId, actor, trace } = caller.context;
    await this.unitOfWork.run({ tenantId, actor, trace }, async (tx) => {
      await this.assertFreshIn(tx, caller, await this.organizations.find(tx));
    });
  }

  /** The same for a start of so much money: only above what the organisation has set. */
  async assertFreshFor(
    tx: TenantTx,
    caller: Caller,
    start: { readonly organization: Organization | null; readonly amount: bigint },
  ): Promise<void> {
    const threshold = start.organization?.stepUpAmount ?? null;
    if (threshold === null || start.amount <= threshold || this.isFresh(caller)) return;
    await this.assertFreshIn(tx, caller, start.organization);
  }

  private isFresh({ via }: Caller): boolean {
    if (this.settings.STEP_UP_MINUTES === 0) return true;
    if (via.kind === 'api_key' || via.provenAt === null) return false;
    const age = this.clock.now().getTime() - via.provenAt.getTime();
    return age <= this.settings.STEP_UP_MINUTES * MINUTE_MS;
  }

  private async assertFreshIn(
    tx: TenantTx,
    caller: Caller,
    organization: Organization | null,
  ): Promise<void> {
    const isAsked =
      needsSecondFactor(organization, this.settings) ||
      hasOwnFactor(await this.secondFactor.ownFactorsOf(tx, caller.user.id));
    if (!isAsked) return;
    throw new HttpProblem(403, {
      error:
        caller.via.kind === 'api_key'
          ? 'This needs a person with a fresh second factor.'
          : 'This needs a fresh second factor: show it with POST /step-up, then try again.',
      error_code: 'step_up_required',
    });
  }
}
