import type { TenantTx } from '@libs/persistence';

/** Tells payments of another organisation from those of the one at hand. */
export class ForeignPayments {
  /** Those of these ids that belong to another organisation. */
  async among(tx: TenantTx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>('SELECT disbursements.payments_of_others($1::uuid[]) AS id', [
      ids,
    ]);
    return new Set(rows.map(({ id }) => id));
  }
}
