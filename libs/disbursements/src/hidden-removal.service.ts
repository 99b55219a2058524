import type { TenantTx } from '@libs/persistence';

import type { HiddenRemains, RemovalPlace } from './hidden-rows.repository';
import type { UploadStores } from './upload/upload-stores';

/** Takes away what nobody sees, in many small database transactions. Whatever dies in between is found and taken away later. */
export class HiddenRemoval {
  constructor(private readonly stores: Pick<UploadStores, 'hidden' | 'parts'>) {}

  /** Some of it; from where to go on in a database transaction of its own, null when nothing is left. */
  async some(
    tx: TenantTx,
    { id, disbursementId, why }: HiddenRemains,
    from: RemovalPlace | null,
  ): Promise<RemovalPlace | null> {
    const { hidden, parts } = this.stores;
    const of = { disbursementId, uploadId: why === 'REMOVED' ? null : id };
    const next = await hidden.removePayments(tx, of, from);
    if (next !== null) return next;
    if (why === 'REMOVED') await hidden.forgetDisbursement(tx, id);
    else await parts.remove(tx, id);
    await hidden.forget(tx, id);
    return null;
  }
}
