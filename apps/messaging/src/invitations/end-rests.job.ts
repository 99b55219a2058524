import { eachTenant } from '@libs/eventing';
import type { SendQueueRepository } from '@libs/messages';
import type { Logger } from '@libs/observability';
import type { TenantContext, UnitOfWork } from '@libs/persistence';

import type { MessageSender } from '../sending/message-sender.service';
import type { RestingInvitationsReadModel } from './resting-invitations.read-model';

const DISBURSEMENTS_PER_RUN = 100;
const CHUNK = 500;
const CHUNKS_PER_RUN = 20;

export interface EndRestsDependencies {
  readonly work: UnitOfWork;
  readonly resting: RestingInvitationsReadModel;
  readonly queue: Pick<SendQueueRepository, 'endRestOf'>;
  readonly sender: Pick<MessageSender, 'wake'>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Wakes the invitations of resumed disbursements that core's word did not wake: of payments that the pause never reached, and
 * those that were put to rest while the word came.
 */
export class EndRests {
  readonly name = 'messaging.end-rests';
  readonly everyMs = 5_000;

  constructor(private readonly dependencies: EndRestsDependencies) {}

  readonly run = async (): Promise<void> => {
    const { work, resting, logger, sender } = this.dependencies;
    const ids = await work.runSystem('list organisations whose invitations rest', (tx) =>
      resting.tenants(tx),
    );
    await eachTenant({ name: this.name, logger }, ids, async (tenantId) => {
      if (await this.endOf({ tenantId, actor: `system:${this.name}`, trace: '' })) sender.wake();
    });
  };

  /** Whether any has ended. */
  private async endOf(context: TenantContext): Promise<boolean> {
    const { work, resting, queue } = this.dependencies;
    const resumed = await work.run(context, (tx) => resting.resumed(tx, DISBURSEMENTS_PER_RUN));
    let chunks = 0;
    for (const id of resumed) {
      for (let ended = CHUNK; ended === CHUNK && chunks < CHUNKS_PER_RUN; chunks += 1) {
        ended = await work.run(context, (tx) => queue.endRestOf(tx, id, CHUNK));
      }
    }
    return resumed.length > 0;
  }
}
