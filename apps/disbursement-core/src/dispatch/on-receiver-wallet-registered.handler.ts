import { type EventOf, receiverWalletRegisteredV1 } from '@libs/contracts';
import { PayablePayments } from '@libs/disbursements';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { DispatchQueue } from './dispatch-queue';

/** A person has registered: whatever waits for that wallet can go. The registration itself is committed already. */
@Injectable()
export class OnReceiverWalletRegisteredHandler extends EventHandler<typeof receiverWalletRegisteredV1> {
  readonly contract = receiverWalletRegisteredV1;

  constructor(
    private readonly queue: DispatchQueue,
    private readonly payable: PayablePayments,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: EventOf<typeof receiverWalletRegisteredV1>): Promise<Outcome> {
    await this.payable.noteWallets(tx, [event.data.receiver_wallet_id]);
    this.queue.soon(tx.tenantId);
    return done;
  }
}
