import type { MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { QueueAge } from '@libs/submissions';

import type { SendingService } from './sending/sending.service';
import type { Breaker } from './signing/breaker';

/** What waits and what is on its way, read at each scrape. */
export function observeQueue(
  metrics: MetricsRegistry,
  uow: UnitOfWork,
  parts: { readonly age: QueueAge; readonly sending: SendingService; readonly breaker: Breaker },
): void {
  const { age, sending, breaker } = parts;
  const oldest = metrics.gauge<never>({
    name: 'tss_queue_age_seconds',
    help: 'Since when the oldest payment waits to be signed, held ones too; 0 when none waits.',
  });
  metrics.collect(
    async () => {
      oldest.set({}, (await uow.runSystem('the age of the queue', (tx) => age.oldest(tx))) ?? 0);
    },
    () => {
      oldest.reset();
    },
  );
  metrics.gauge<'state'>(
    {
      name: 'tss_envelopes_in_process',
      help: 'Envelopes of this instance that wait to be posted, that are being posted, or whose answer is to be recorded.',
      labels: ['state'],
    },
    (gauge) => {
      const { waiting, posting, answered } = sending.load;
      gauge.set({ state: 'waiting' }, waiting);
      gauge.set({ state: 'posting' }, posting);
      gauge.set({ state: 'answered' }, answered);
    },
  );
  metrics.gauge<never>(
    {
      name: 'tss_tenants_slowed_down',
      help: 'Tenants that may have fewer envelopes on their way for a while, since theirs were not applied.',
    },
    (gauge) => {
      gauge.set({}, breaker.open);
    },
  );
}
