import type { TenantTx } from '@libs/persistence';

/** Does a piece of work in a database transaction of its own. */
export type Step = <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>;

/**
 * A step on the way to a publication, or after it. Nothing of it counts without the publication, whose commit waits for the disk and for
 * all that was committed before it; what has to be done after it is found again.
 */
export const uploadStep =
  <T>(work: (tx: TenantTx) => Promise<T>) =>
  async (tx: TenantTx): Promise<T> => {
    await tx.commitWithoutDisk();
    return await work(tx);
  };
