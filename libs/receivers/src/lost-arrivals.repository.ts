import type { TenantTx } from '@libs/persistence';

import { ArrivingValues } from './arriving-values.repository';

/** Bounded, so that no lock lasts. */
const ROWS_MAX = 2_000;

/** In the order in which their rows can go. */
const TABLES = ['receiver_wallets', 'verifications', 'address_owners', 'receivers'] as const;
type Table = (typeof TABLES)[number];

/** Rows that nobody needs. */
const REMOVABLE: Readonly<Record<Table, string>> = {
  receiver_wallets: `t.status = 'DRAFT' AND t.updated_at = t.created_at AND NOT EXISTS (
         SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_wallet_id = t.id)`,
  verifications: `t.confirmed_at IS NULL AND t.updated_at = t.created_at AND NOT EXISTS (
         SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.receiver_id)`,
  address_owners: `NOT EXISTS (SELECT FROM receivers.receiver_wallets w
                    WHERE w.tenant_id = $1 AND w.receiver_id = t.receiver_id AND w.stellar_address = t.stellar_address)`,
  receivers: `t.updated_at = t.created_at
       AND NOT EXISTS (SELECT FROM receivers.receiver_wallets o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.verifications o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.address_owners o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.id)`,
};

/**
 * Takes away what an upload brought that was not published: people whom nobody else knows, who have no payment, and whom
 * nobody has touched since. What others rely on becomes theirs.
 */
export class LostArrivals {
  private readonly values = new ArrivingValues();

  /** Some of it; how many rows. To be called again, in a database transaction of its own, until it is 0. */
  async sweep(tx: TenantTx, uploadId: string): Promise<number> {
    const values = await this.values.remove(tx, uploadId);
    if (values > 0) return values;
    const steps: ((table: Table) => Promise<number>)[] = [
      (table) => this.handOver(tx, uploadId, table),
      (table) => this.forget(tx, uploadId, table),
      (table) => this.remove(tx, uploadId, table),
      (table) => this.leave(tx, uploadId, table),
    ];
    for (const step of steps) {
      for (const table of TABLES) {
        const rows = await step(table);
        if (rows > 0) return rows;
      }
    }
    return 0;
  }

  /** Rows on which other uploads rely are those of the first of them. */
  private async handOver(tx: TenantTx, uploadId: string, table: Table): Promise<number> {
    return await tx.execute(
      `UPDATE receivers.${table} t SET brought_by = t.shared_with[1], shared_with = nullif(t.shared_with[2:], '{}')
         FROM (SELECT ctid FROM receivers.${table}
                WHERE tenant_id = $1 AND shared_with IS NOT NULL AND brought_by = $2
                LIMIT ${String(ROWS_MAX)} FOR NO KEY UPDATE) chosen
        WHERE t.tenant_id = $1 AND t.ctid = chosen.ctid`,
      [tx.tenantId, uploadId],
    );
  }

  /** Rows of others on which it relied. */
  private async forget(tx: TenantTx, uploadId: string, table: Table): Promise<number> {
    return await tx.execute(
      `UPDATE receivers.${table} t SET shared_with = nullif(array_remove(t.shared_with, $2), '{}')
         FROM (SELECT ctid FROM receivers.${table}
                WHERE tenant_id = $1 AND shared_with IS NOT NULL AND $2::uuid = ANY(shared_with)
                LIMIT ${String(ROWS_MAX)} FOR NO KEY UPDATE) chosen
        WHERE t.tenant_id = $1 AND t.ctid = chosen.ctid`,
      [tx.tenantId, uploadId],
    );
  }

  /** Locked first and looked at in a new statement: somebody may have paid them while the lock was waited for. */
  private async remove(tx: TenantTx, uploadId: string, table: Table): Promise<number> {
    const lost = `t.tenant_id = $1 AND t.brought_by = $2 AND t.shared_with IS NULL AND ${REMOVABLE[table]}`;
    const locked = await tx.query<{ place: string }>(
      `SELECT t.ctid::text AS place FROM receivers.${table} t WHERE ${lost} LIMIT ${String(ROWS_MAX)} FOR UPDATE SKIP LOCKED`,
      [tx.tenantId, uploadId],
    );
    if (locked.length === 0) return 0;
    return await tx.execute(`DELETE FROM receivers.${table} t WHERE t.ctid = ANY($3::tid[]) AND ${lost}`, [
      tx.tenantId,
      uploadId,
      locked.map(({ place }) => place),
    ]);
  }

  /** What is left is somebody's by now, so it is shown like what no file brought. */
  private async leave(tx: TenantTx, uploadId: string, table: Table): Promise<number> {
    return await tx.execute(
      `UPDATE receivers.${table} t SET brought_by = NULL
         FROM (SELECT ctid FROM receivers.${table}
                WHERE tenant_id = $1 AND brought_by = $2 AND shared_with IS NULL
                LIMIT ${String(ROWS_MAX)} FOR NO KEY UPDATE) chosen
        WHERE t.tenant_id = $1 AND t.ctid = chosen.ctid`,
      [tx.tenantId, uploadId],
    );
  }
}
