import { eachTenant } from '@libs/eventing';
import type { Logger } from '@libs/observability';
import type { TenantContext, UnitOfWork } from '@libs/persistence';
import type { TenantIdsReadModel } from '@libs/tenants';

import type { InvitationCandidatesReadModel } from './invitation-candidates.read-model';
import type { Invitations } from './invitations.service';

const WALLETS_PER_STEP = 500;
const STEPS_PER_RUN = 10;

export interface InvitationSweepDependencies {
  readonly work: UnitOfWork;
  readonly tenants: TenantIdsReadModel;
  readonly candidates: InvitationCandidatesReadModel;
  readonly invitations: Invitations;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Walks over everybody who still has to register, some thousands per run, and stores what is due: reminders, and
 * first invitations whose event came while the disbursement was paused.
 */
export class InvitationSweep {
  readonly name = 'messaging.invitation-sweep';
  readonly everyMs = 30_000;
  /** The receiver at whom the walk of each organisation stands. Lost with the process: then the walk starts again. */
  private readonly position = new Map<string, string>();

  constructor(private readonly dependencies: InvitationSweepDependencies) {}

  readonly run = async (): Promise<void> => {
    const { work, tenants, logger } = this.dependencies;
    const ids = await work.runSystem('list organisations for reminders', (tx) => tenants.working(tx));
    await eachTenant({ name: this.name, logger }, ids, (tenantId) =>
      this.walk({ tenantId, actor: `system:${this.name}`, trace: '' }),
    );
  };

  private async walk(context: TenantContext): Promise<void> {
    const { work, candidates, invitations } = this.dependencies;
    for (let step = 0; step < STEPS_PER_RUN; step += 1) {
      const walked = await work.run(context, async (tx) => {
        const after = this.position.get(context.tenantId) ?? null;
        const waiting = await candidates.waitingAfter(tx, after, WALLETS_PER_STEP);
        const ids = waiting.map(({ id }) => id);
        if (ids.length > 0) await invitations.inviteDue(tx, ids, 'all');
        return waiting;
      });
      const last = walked.at(-1);
      if (walked.length < WALLETS_PER_STEP || last === undefined) {
        this.position.delete(context.tenantId);
        return;
      }
      this.position.set(context.tenantId, last.receiverId);
    }
  }
}
