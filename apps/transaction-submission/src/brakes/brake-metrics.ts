import type { MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import { ContradictionRepository, EverythingHold, OutflowCeilings } from '@libs/submissions';

/** What keeps payments from going out, and what only a person can end: read at each scrape. */
export function observeBrakes(metrics: MetricsRegistry, uow: UnitOfWork): void {
  const stops = metrics.gauge<never>({
    name: 'tss_paying_stops',
    help: 'Emergency stops that are in force: above 0 nothing is signed for anybody.',
  });
  const contradictions = metrics.gauge<'age'>({
    name: 'tss_contradictions',
    help: 'Attempts whose sequence number was used by nothing that can be found. Those older than an hour wait for a person.',
    labels: ['age'],
  });
  const ceilings = metrics.gauge<'state'>({
    name: 'tss_outflow_ceilings',
    help: 'Ceilings on what a tenant pays per hour: for those that are reached, payments wait now.',
    labels: ['state'],
  });
  metrics.collect(
    async () => {
      const now = await uow.runSystem('what keeps payments from going out', async (tx) => ({
        holds: await new EverythingHold().list(tx),
        contradicted: await new ContradictionRepository().count(tx),
        limited: await new OutflowCeilings().count(tx),
      }));
      stops.set({}, now.holds.length);
      contradictions.set({ age: 'under_an_hour' }, now.contradicted.all - now.contradicted.old);
      contradictions.set({ age: 'over_an_hour' }, now.contradicted.old);
      ceilings.set({ state: 'open' }, now.limited.all - now.limited.reached);
      ceilings.set({ state: 'reached' }, now.limited.reached);
    },
    () => {
      stops.reset();
      contradictions.reset();
      ceilings.reset();
    },
  );
}
