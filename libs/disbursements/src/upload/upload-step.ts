import type { TenantTx } from '@libs/persistence';

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
