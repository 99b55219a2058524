import type { TenantTx } from '@libs/persistence';

/** Bounded, so that no lock lasts. */
const ROWS_MAX = 2_000;

/**
 * Takes away what an upload brought that was not published: people whom nobody else knows, who have no payment, and whom
 * nobody has touched since.
 */
export class LostArrivals {
  /** Some of it; how many rows. To be called again, in a database transaction of its own, until it is 0. */
  async sweep(tx: TenantTx, uploadId: string): Promise<number> {
    const wallets = await this.remove(
      tx,
      uploadId,
      'receiver_wallets',
      `t.status = 'DRAFT' AND t.updated_at = t.created_at AND NOT EXISTS (
         SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_wallet_id = t.id)`,
    );
    if (wallets > 0) return wallets;
    const values = await this.remove(
      tx,
      uploadId,
      'verifications',
      `t.confirmed_at IS NULL AND t.updated_at = t.created_at AND NOT EXISTS (
         SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.receiver_id)`,
    );
    if (values > 0) return values;
    const addresses = await this.remove(
      tx,
      uploadId,
      'address_owners',
      `NOT EXISTS (SELECT FROM receivers.receiver_wallets w
                    WHERE w.tenant_id = $1 AND w.receiver_id = t.receiver_id AND w.stellar_address = t.stellar_address)`,
    );
    if (addresses > 0) return addresses;
    return await this.remove(
      tx,
      uploadId,
      'receivers',
      `t.updated_at = t.created_at
       AND NOT EXISTS (SELECT FROM receivers.receiver_wallets o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.verifications o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.address_owners o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.id)`,
    );
  }

  /** Locked first and looked at in a new statement: somebody may have paid them while the lock was waited for. */
  private async remove(tx: TenantTx, uploadId: string, table: string, condition: string): Promise<number> {
    const locked = await tx.query<{ place: string }>(
      `SELECT t.ctid::text AS place FROM receivers.${table} t
        WHERE t.tenant_id = $1 AND t.brought_by = $2 AND ${condition} LIMIT ${String(ROWS_MAX)} FOR UPDATE SKIP LOCKED`,
      [tx.tenantId, uploadId],
    );
    if (locked.length === 0) return 0;
    return await tx.execute(
      `DELETE FROM receivers.${table} t
        WHERE t.ctid = ANY($3::tid[]) AND t.tenant_id = $1 AND t.brought_by = $2 AND ${condition}`,
      [tx.tenantId, uploadId, locked.map(({ place }) => place)],
    );
  }
}
