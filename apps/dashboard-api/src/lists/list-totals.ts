import type { SqlValue, TenantTx } from '@libs/persistence';

/** Up to here a total is counted at each request. */
const EXACT_MAX = 10_000;
/** Above that it may be this old. */
const KEEP_MS = 5_000;
const KEPT_MAX = 1_000;

interface Kept {
  readonly total: number;
  readonly countedAt: number;
}

/** How many rows a list has: exact up to 10,000, above that at most 5 s old, because counting a million takes a while. */
export class ListTotals {
  private readonly kept = new Map<string, Kept>();

  /** `fromWhere` is the part of the query after SELECT …, without ORDER BY. */
  async count(tx: TenantTx, fromWhere: string, values: readonly SqlValue[]): Promise<number> {
    const [few] = await tx.query<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM (SELECT ${fromWhere} LIMIT ${String(EXACT_MAX + 1)}) AS first_rows`,
      values,
    );
    if (few === undefined || few.total <= EXACT_MAX) return few?.total ?? 0;
    const key = JSON.stringify([tx.tenantId, fromWhere, values]);
    const known = this.kept.get(key);
    if (known !== undefined && performance.now() - known.countedAt < KEEP_MS) return known.total;
    const [all] = await tx.query<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM (SELECT ${fromWhere}) AS all_rows`,
      values,
    );
    const total = all?.total ?? 0;
    if (this.kept.size >= KEPT_MAX) this.kept.clear();
    this.kept.set(key, { total, countedAt: performance.now() });
    return total;
  }
}
