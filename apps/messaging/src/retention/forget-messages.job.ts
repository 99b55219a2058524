import { eachTenant } from '@libs/eventing';
import type { OldMessagesRepository } from '@libs/messages';
import type { Logger } from '@libs/observability';
import type { TenantContext, UnitOfWork } from '@libs/persistence';
import type { TenantIdsReadModel } from '@libs/tenants';

import type { OldMessagesReadModel } from './old-messages.read-model';

const BATCH = 1_000;
const BATCHES_PER_RUN_MAX = 20;

export interface ForgetMessagesDependencies {
  readonly work: UnitOfWork;
  readonly tenants: TenantIdsReadModel;
  readonly found: OldMessagesReadModel;
  readonly messages: OldMessagesRepository;
  /** MESSAGE_RETENTION_DAYS. */
  readonly days: number;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Deletes messages that have ended and are old, and what DRY_RUN kept of them: some thousands per organisation and
 * run. What is still to be sent stays, and so do the invitations of people who may still come.
 */
export class ForgetMessages {
  readonly name = 'messaging.forget-messages';
  readonly everyMs = 3_600_000;
  /** Where the walk of each organisation stands, so that what stays is not passed again each time. */
  private readonly position = new Map<string, string>();

  constructor(private readonly dependencies: ForgetMessagesDependencies) {}

  readonly run = async (): Promise<void> => {
    const { work, tenants, logger } = this.dependencies;
    const ids = await work.runSystem('list organisations whose old messages are forgotten', (tx) =>
      tenants.all(tx),
    );
    await eachTenant({ name: this.name, logger }, ids, async (tenantId) => {
      const context = { tenantId, actor: `system:${this.name}`, trace: '' };
      await this.repeat(() => this.forgetMessages(context));
      await this.repeat(() => this.forgetDryRun(context));
    });
  };

  private async repeat(batch: () => Promise<boolean>): Promise<void> {
    for (let batches = 0; batches < BATCHES_PER_RUN_MAX; batches += 1) if (!(await batch())) return;
  }

  /** Whether more may be old. */
  private async forgetMessages(context: TenantContext): Promise<boolean> {
    const { work, found, messages, days } = this.dependencies;
    const old = await work.run(context, async (tx) => {
      const after = this.position.get(context.tenantId) ?? null;
      const passed = await found.after(tx, after, { days, rows: BATCH });
      await messages.forget(
        tx,
        passed.filter((one) => one.may_go).map(({ id }) => id),
      );
      return passed;
    });
    const last = old.at(-1);
    if (old.length < BATCH || last === undefined) {
      this.position.delete(context.tenantId);
      return false;
    }
    this.position.set(context.tenantId, last.id);
    return true;
  }

  private async forgetDryRun(context: TenantContext): Promise<boolean> {
    const { work, messages, days } = this.dependencies;
    return (await work.run(context, (tx) => messages.forgetDryRun(tx, days, BATCH))) === BATCH;
  }
}
