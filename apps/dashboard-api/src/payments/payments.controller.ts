import { PAYMENT_STATUSES } from '@libs/contracts';
import {
  type Answer,
  HttpProblem,
  IdempotencyKeysRepository,
  idempotentRequestOf,
  pagedList,
  QueryReader,
} from '@libs/http';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller, idempotencyOwnerOf } from '../access/caller';
import { readSeenChanges } from '../disbursements/seen-recipients';
import { DirectPaymentApproval } from './direct-payment-approval.service';
import { readDirectPaymentBody } from './direct-payment-body';
import { NewDirectPayment } from './new-direct-payment.service';
import { type Cancellation, PaymentCancellation } from './payment-cancellation.service';
import { paymentJson } from './payment-json';
import { PaymentRetry } from './payment-retry.service';
import type { PaymentQuery } from './payment-query';
import { PaymentsReadModel } from './payments.read-model';

const STATUS_REFUSAL = `invalid parameter. valid values are: [${PAYMENT_STATUSES.join(' ')}]`;
/** No payment has it, so a filter by something that is no id finds nothing. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

const CANCELLATIONS: Readonly<Record<Cancellation, Answer>> = {
  canceled: { status: 200, body: { message: 'Payment canceled' } },
  requested: { status: 202, body: { message: 'Payment cancellation requested' } },
};

@Controller('payments')
export class PaymentsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly answers: IdempotencyKeysRepository,
    private readonly payments: PaymentsReadModel,
    private readonly cancellation: PaymentCancellation,
    private readonly retries: PaymentRetry,
    private readonly direct: NewDirectPayment,
    private readonly approvals: DirectPaymentApproval,
  ) {}

  @Get()
  async list(
    @CurrentCaller() { context }: Caller,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<object> {
    const wanted = readPaymentQuery(query);
    const found = await this.unitOfWork.run(context, (tx) => this.payments.list(tx, wanted));
    return pagedList(request.originalUrl, wanted.page, {
      items: found.items.map(paymentJson),
      total: found.total,
    });
  }

  @Post()
  @HttpCode(201)
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: Request,
  ): Promise<unknown> {
    const order = readDirectPaymentBody(body);
    const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), body);
    return (await this.direct.create(caller, order, asked)).body;
  }

  /** Lets a direct payment go that somebody else made. */
  @Post(':id/approval')
  @HttpCode(200)
  async approve(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const seen = readSeenChanges(request.body);
    const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), seen);
    const answer = await this.approvals.approve(caller, id, asked, seen);
    response.status(answer.status);
    return answer.body;
  }

  @Get(':id')
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const found = isId(id) ? await this.unitOfWork.run(context, (tx) => this.shown(tx, id)) : null;
    if (found === null) throw new HttpProblem(404, { error: `Cannot retrieve payment with ID: ${id}` });
    return found;
  }

  @Patch('retry')
  async retry(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), body);
    const answer = await this.retries.retry(caller, readIds(body), asked);
    response.status(answer.status);
    return answer.body;
  }

  @Patch(':id/status')
  async changeStatus(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const body: unknown = request.body;
    const given = typeof body === 'object' && body !== null && 'status' in body ? body.status : undefined;
    const wanted = typeof given === 'string' ? given.toUpperCase() : '';
    if (!PAYMENT_STATUSES.some((status) => status === wanted)) {
      throw new HttpProblem(400, { error: 'invalid status' });
    }
    if (wanted !== 'CANCELED') {
      throw new HttpProblem(400, { error: "payment status can't be changed to the requested status" });
    }
    if (!isId(id)) throw new HttpProblem(404, { error: 'payment not found' });
    const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), body);
    const answer = await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, asked, async () => CANCELLATIONS[await this.cancellation.cancel(tx, id)]),
    );
    response.status(answer.status);
    return answer.body;
  }

  private async shown(tx: TenantTx, id: string): Promise<object | null> {
    const row = await this.payments.find(tx, id);
    if (row === null) return null;
    const changes = await this.approvals.changesOf(tx, row);
    return { ...paymentJson(row), ...(changes === null ? {} : { recipient_changes: changes }) };
  }
}

/** At most this many in one call, so that its database transaction stays short. */
const RETRIED_MAX = 1_000;

function readIds(body: unknown): readonly string[] {
  const given =
    typeof body === 'object' && body !== null && 'payment_ids' in body ? body.payment_ids : undefined;
  const ids: readonly unknown[] = Array.isArray(given) ? given : [];
  if (ids.length === 0)
    throw new HttpProblem(400, { extras: { payment_ids: 'payment_ids should not be empty' } });
  if (ids.length > RETRIED_MAX) {
    throw new HttpProblem(400, {
      extras: { payment_ids: `payment_ids should not be more than ${String(RETRIED_MAX)}` },
    });
  }
  return [...new Set(ids.map((id) => (typeof id === 'string' && isId(id) ? id : NOBODY)))];
}

/** The query of the list. Throws a 400 that names every bad parameter, under `error` where it is given. */
export function readPaymentQuery(query: Record<string, unknown>, error?: string): PaymentQuery {
  const reader = new QueryReader(query);
  const givenType = reader.text('type');
  const receiverId = reader.text('receiver_id');
  const wanted: PaymentQuery = {
    page: reader.page(),
    sort: reader.sort(['created_at', 'updated_at'], 'updated_at'),
    direction: reader.direction('desc'),
    text: reader.text('q'),
    status: reader.oneOf('status', PAYMENT_STATUSES, STATUS_REFUSAL),
    type: reader.oneOf(
      'type',
      ['DIRECT', 'DISBURSEMENT'],
      `invalid payment type '${givenType ?? ''}'. Must be 'direct' or 'disbursement'`,
    ),
    receiverId: receiverId === null || isId(receiverId) ? receiverId : NOBODY,
    created: reader.createdBetween(),
  };
  reader.assertValid(error);
  return wanted;
}
