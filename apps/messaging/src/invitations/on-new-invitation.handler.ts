import { type EventOf, receiverWalletNewInvitationV1 } from '@libs/contracts';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { SendQueueRepository } from '@libs/messages';
import type { TenantTx } from '@libs/persistence';

import type { MessageSender } from '../sending/message-sender.service';
import type { Invitations } from './invitations.service';

/** By then the invitations are committed. If they are not, the sender's own look at the queue finds them. */
const COMMITTED_AFTER_MS = 30;

/**
 * Receiver wallets may be invited: their invitations are written, unless they registered, were flagged or paused since. Those that
 * were written before a pause have waited for this: they need not rest any longer.
 */
export class OnNewInvitationHandler extends EventHandler<typeof receiverWalletNewInvitationV1> {
  readonly contract = receiverWalletNewInvitationV1;

  constructor(
    private readonly invitations: Pick<Invitations, 'inviteDue' | 'inviteAgain'>,
    private readonly queue: Pick<SendQueueRepository, 'endRest'>,
    private readonly sender: Pick<MessageSender, 'wake'>,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: EventOf<typeof receiverWalletNewInvitationV1>): Promise<Outcome> {
    const { disbursement_id: disbursementId, receiver_wallet_ids: ids } = event.data;
    switch (event.type) {
      case 'batch-receiver-wallet-sms-invitation':
        await this.invitations.inviteDue(tx, ids, { disbursementId });
        await this.queue.endRest(tx, ids, disbursementId);
        break;
      case 'retry-receiver-wallet-sms-invitation':
        await this.invitations.inviteAgain(tx, ids);
        break;
    }
    setTimeout(() => {
      this.sender.wake();
    }, COMMITTED_AFTER_MS).unref();
    return done;
  }
}
