import { type EventOf, receiverWalletRegisteredV1 } from '@libs/contracts';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { DispatchQueue } from './dispatch-queue';

/** A person has registered: whatever waits for that wallet can go. The registration itself is committed already. */
@Injectable()
export class OnReceiverWalletRegisteredHandler extends EventHandler<typeof receiverWalletRegisteredV1> {
  readonly contract = receiverWalletRegisteredV1;

  constructor(private readonly queue: DispatchQueue) {
    super();
  }

  handle(tx: TenantTx, event: EventOf<typeof receiverWalletRegisteredV1>): Promise<Outcome> {
    this.queue.add(tx.tenantId, [event.data.receiver_wallet_id]);
    return Promise.resolve(done);
  }
}
