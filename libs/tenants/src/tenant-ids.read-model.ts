import type { SystemTx } from '@libs/persistence';

/** Which organisations there are, for work that goes from one to the next. */
export class TenantIdsReadModel {
  /** All that ever were; what they left behind is theirs still. */
  async all(tx: SystemTx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>('SELECT id FROM tenants.tenants ORDER BY id');
    return rows.map(({ id }) => id);
  }

  /** Those that work now: neither deactivated nor deleted. */
  async working(tx: SystemTx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM tenants.tenants
        WHERE status IN ('PROVISIONED', 'ACTIVATED') AND deleted_at IS NULL ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  }
}
