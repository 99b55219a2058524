import { type EventOf, paymentRequestedV1 } from '@libs/contracts';
import { PayablePayments } from '@libs/disbursements';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { CancellationService } from '../outcomes/cancellation.service';
import { DispatchQueue } from './dispatch-queue';

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

  async handle(tx: TenantTx, event: EventOf<typeof paymentRequestedV1>): Promise<Outcome> {
    switch (event.type) {
      case 'payment-direct-payment-created':
      case 'payment-retried':
        await this.payable.notePayments(tx, event.data.payment_ids);
        this.queue.soon(tx.tenantId);
        return done;
      case 'payment-cancellation-requested':
        await this.cancellations.cancelWhatIsNotUnderWay(tx, event.data.payment_ids);
        return done;
    }
  }
}
