import { type EventOf, receiverWalletRegisteredV1 } from '@libs/contracts';
import { PayablePayments } from '@libs/disbursements';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { DispatchQueue } from './dispatch-queue';

type Registered = EventOf<typeof receiverWalletRegisteredV1>;

/**
 * People have registered: whatever waits for their wallets can go. The registrations themselves are committed already. Everybody
 * who registers is an event of their own, so those of a moment share a statement, which locks in the order of ids.
 */
@Injectable()
export class OnReceiverWalletRegisteredHandler extends EventHandler<typeof receiverWalletRegisteredV1> {
  readonly contract = receiverWalletRegisteredV1;

  constructor(
    private readonly queue: DispatchQueue,
    private readonly payable: PayablePayments,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: Registered): Promise<Outcome> {
    await this.handleAll(tx, [event]);
    return done;
  }

  override async handleAll(tx: TenantTx, events: readonly Registered[]): Promise<void> {
    await this.payable.noteWallets(
      tx,
      events.map(({ data }) => data.receiver_wallet_id),
    );
    this.queue.soon(tx.tenantId);
  }
}
