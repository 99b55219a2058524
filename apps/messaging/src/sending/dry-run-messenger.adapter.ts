import {
  type DryRunOutboxRepository,
  Messenger,
  type OutgoingMessage,
  type SendOutcome,
} from '@libs/messages';
import type { UnitOfWork } from '@libs/persistence';

/** Sends nothing: keeps each message, sealed, where `GET /outbox` lists it. Refused on the public network. */
export class DryRunMessenger extends Messenger {
  constructor(
    private readonly work: UnitOfWork,
    private readonly outbox: DryRunOutboxRepository,
  ) {
    super();
  }

  override async send(message: OutgoingMessage): Promise<SendOutcome> {
    const { tenantId } = message;
    const kept = await this.work.run({ tenantId, actor: 'system:dry-run', trace: '' }, (tx) =>
      this.outbox.add(tx, message),
    );
    return { kind: 'accepted', providerMessageId: kept };
  }
}
