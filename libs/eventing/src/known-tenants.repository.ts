import type { UnitOfWork } from '@libs/persistence';

const REMEMBERED_MAX = 10_000;

/** Which tenants exist. A tenant never stops existing, so only a "no" is asked again. */
export class KnownTenants {
  private readonly known = new Set<string>();

  constructor(private readonly unit: UnitOfWork) {}

  async has(tenantId: string): Promise<boolean> {
    if (this.known.has(tenantId)) return true;
    const row = await this.unit.runSystem('is the tenant of an event known', (tx) =>
      tx.queryOne('SELECT FROM tenants.tenants WHERE id = $1', [tenantId]),
    );
    if (row === null) return false;
    if (this.known.size >= REMEMBERED_MAX) this.known.clear();
    this.known.add(tenantId);
    return true;
  }
}
