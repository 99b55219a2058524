import { DirectSession } from '@libs/persistence';

/** Any number: who creates and merges channel accounts holds it, so that two do not do the same work at once. */
const MAINTENANCE_LOCK = 7_310_552_203;

/**
 * One process at a time makes and merges channel accounts. The lock belongs to a session of its own and is free the moment
 * that process is gone. It only spares work: each step is safe when two do it.
 */
export class ChannelMaintenanceLock {
  constructor(private readonly options: { readonly url: string; readonly applicationName: string }) {}

  /** Does `work` when nobody else is at it; false when somebody is. */
  async tryWith(work: () => Promise<void>): Promise<boolean> {
    const session = await DirectSession.open({ ...this.options, channels: [], notified: () => undefined });
    try {
      const [row] = await session.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [
        MAINTENANCE_LOCK,
      ]);
      if (row?.mine !== true) return false;
      await work();
      return true;
    } finally {
      session.close();
    }
  }
}
