import { eachTenant } from '@libs/eventing';
import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { RegistrationRepository } from '@libs/receivers';
import type { TenantIdsReadModel } from '@libs/tenants';

const BATCH = 1_000;
const BATCHES_PER_RUN_MAX = 20;

export interface ForgetAttemptsDependencies {
  readonly work: UnitOfWork;
  readonly tenants: TenantIdsReadModel;
  readonly registrations: RegistrationRepository;
  /** REGISTRATION_ATTEMPT_RETENTION_DAYS. */
  readonly days: number;
  readonly logger: Pick<Logger, 'error'>;
}

/** Deletes what strangers tried, once it is too old to help anybody; some thousands per organisation and run. */
export class ForgetAttempts {
  readonly name = 'recipient-api.forget-attempts';
  readonly everyMs = 3_600_000;

  constructor(private readonly dependencies: ForgetAttemptsDependencies) {}

  readonly run = async (): Promise<void> => {
    const { work, tenants, registrations, days, logger } = this.dependencies;
    const ids = await work.runSystem('list organisations whose old attempts are forgotten', (tx) =>
      tenants.all(tx),
    );
    await eachTenant({ name: this.name, logger }, ids, async (tenantId) => {
      const context = { tenantId, actor: `system:${this.name}`, trace: '' };
      for (let batches = 0; batches < BATCHES_PER_RUN_MAX; batches += 1) {
        const gone = await work.run(context, (tx) => registrations.forgetUnknown(tx, days, BATCH));
        if (gone < BATCH) return;
      }
    });
  };
}
