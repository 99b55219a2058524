import { CHANNEL_ACCOUNT_STATUSES } from '@libs/contracts';
import type { MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { ChannelPopulationRepository } from '@libs/submissions';

/** Channel accounts by state, read at each scrape. */
export function observeChannels(
  metrics: MetricsRegistry,
  uow: UnitOfWork,
  population: ChannelPopulationRepository,
): void {
  const accounts = metrics.gauge<'status'>({
    name: 'tss_channel_accounts',
    help: 'Channel accounts by state: free, leased by an instance, draining (no new attempt, to be merged), retired.',
    labels: ['status'],
  });
  const wanted = metrics.gauge<never>({
    name: 'tss_channel_accounts_wanted',
    help: 'How many channel accounts there should be.',
  });
  metrics.collect(
    async () => {
      const { byStatus, target } = await uow.runSystem('channel accounts by state', async (tx) => ({
        byStatus: await population.countByStatus(tx),
        target: await population.wanted(tx),
      }));
      for (const status of CHANNEL_ACCOUNT_STATUSES) accounts.set({ status }, byStatus.get(status) ?? 0);
      wanted.set({}, target);
    },
    () => {
      accounts.reset();
      wanted.reset();
    },
  );
}
