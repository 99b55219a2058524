import type { MetricsRegistry } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { KeyRotationRepository } from '@libs/submissions';

/** Key rotations that are under way, read at each scrape: their tenants are held. */
export function observeKeyRotations(
  metrics: MetricsRegistry,
  uow: UnitOfWork,
  rotations: KeyRotationRepository,
): void {
  const underWay = metrics.gauge<never>({
    name: 'tss_key_rotations_under_way',
    help: 'Tenants whose payments wait because the key of their distribution account is being replaced.',
  });
  const oldest = metrics.gauge<never>({
    name: 'tss_key_rotation_oldest_seconds',
    help: 'How long the oldest key rotation has been under way; a killed one waits to be resumed.',
  });
  metrics.collect(
    async () => {
      const { count, oldestSeconds } = await uow.runSystem('key rotations under way', (tx) =>
        rotations.underWay(tx),
      );
      underWay.set({}, count);
      oldest.set({}, oldestSeconds);
    },
    () => {
      underWay.reset();
      oldest.reset();
    },
  );
}
