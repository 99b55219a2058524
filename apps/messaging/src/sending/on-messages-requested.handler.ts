import { type EventOf, messagesRequestedV1 } from '@libs/contracts';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';

import type { MessageSender } from './message-sender.service';

/**
 * Stored messages are to be sent: somebody waits for a code. The messages themselves are in the queue already, so the
 * event only hastens the sender, and being told twice does nothing.
 */
export class OnMessagesRequestedHandler extends EventHandler<typeof messagesRequestedV1> {
  readonly contract = messagesRequestedV1;
  override readonly together = true;

  constructor(private readonly sender: Pick<MessageSender, 'wake'>) {
    super();
  }

  handle(_tx: TenantTx, _event: EventOf<typeof messagesRequestedV1>): Promise<Outcome> {
    this.sender.wake();
    return Promise.resolve(done);
  }
}
