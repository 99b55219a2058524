import { type CounterMetric, type Logger, type MetricsRegistry, withTrace } from '@libs/observability';
import type { TenantContext } from '@libs/persistence';

import { REGISTRATION_OUTCOMES, type RegistrationOutcome } from './registrations.service';

/** Tells operators how registrations go: a line and a count each, never a contact, a code or a value. */
export class RegistrationReports {
  private readonly outcomes: CounterMetric<'outcome'>;

  constructor(
    private readonly logger: Logger,
    metrics: MetricsRegistry,
  ) {
    this.outcomes = metrics.counter({
      name: 'distributary_registrations_total',
      help: 'Forms of the registration page that were answered, by outcome.',
      labels: ['outcome'],
    });
    for (const outcome of REGISTRATION_OUTCOMES) this.outcomes.start({ outcome });
  }

  answered({ tenantId, trace }: TenantContext, depositId: string, outcome: RegistrationOutcome): void {
    this.outcomes.add({ outcome });
    withTrace({ tenantId, trace }, () => {
      this.logger.info({ depositId, outcome }, 'a registration form was answered');
    });
  }
}
