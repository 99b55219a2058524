import { type EventOf, paymentRequestedV1 } from '@libs/contracts';
import { PayablePayments } from '@libs/disbursements';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { CancellationService } from '../outcomes/cancellation.service';
import { DispatchQueue } from './dispatch-queue';

type Requested = EventOf<typeof paymentRequestedV1>;

/** A person created a direct payment, asked for a payment to go once more, or to be cancelled. */
@Injectable()
export class OnPaymentRequestedHandler extends EventHandler<typeof paymentRequestedV1> {
  readonly contract = paymentRequestedV1;

  constructor(
    private readonly queue: DispatchQueue,
    private readonly payable: PayablePayments,
    private readonly cancellations: CancellationService,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: Requested): Promise<Outcome> {
    await this.handleAll(tx, [event]);
    return done;
  }

  /** Each direct payment is an event of its own, and so is each payment that somebody wants cancelled. */
  override async handleAll(tx: TenantTx, events: readonly Requested[]): Promise<void> {
    const ids = [...new Set(events.flatMap(({ data }) => data.payment_ids))];
    const cancellations = events.filter(({ type }) => type === 'payment-cancellation-requested');
    if (cancellations.length === 0) {
      await this.payable.notePayments(tx, ids);
      this.queue.soon(tx.tenantId);
    } else if (cancellations.length === events.length) {
      await this.cancellations.cancelWhatIsNotUnderWay(tx, ids);
    } else {
      // They lock in different orders, so they come in sets of one kind.
      throw new Error('some of these payments are to go and others to be cancelled');
    }
  }
}
