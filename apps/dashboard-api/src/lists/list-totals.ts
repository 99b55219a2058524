import type { SqlValue, TenantTx } from '@libs/persistence';

/** Up to here a total is counted at each request. */
const EXACT_MAX = 10_000;
/** Above that it may be this old. */
const KEEP_MS = 5_000;
/** So long before that the next request counts again, while the others still take what is known. */
const RENEW_MS = 3_000;
const KEPT_MAX = 1_000;

interface Kept {
  readonly total: number;
  /** When the counting began. */
  readonly countedAt: number;
  isRenewed: boolean;
}

/** How many rows a list has: exact up to 10,000, above that at most 5 s old, because counting a million takes a while. */
export class ListTotals {
  private readonly kept = new Map<string, Kept>();
  private readonly counting = new Map<string, Promise<number>>();

  /** `fromWhere` is the part of the query after SELECT …, without ORDER BY; `countAll` knows a quicker way to count very many. */
  async count(
    tx: TenantTx,
    fromWhere: string,
    values: readonly SqlValue[],
    countAll = (): Promise<number> => countOf(tx, fromWhere, values),
  ): Promise<number> {
    const key = JSON.stringify([tx.tenantId, fromWhere, values]);
    const known = this.known(key);
    if (known !== null) return known;
    const [few] = await tx.query<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM (SELECT ${fromWhere} LIMIT ${String(EXACT_MAX + 1)}) AS first_rows`,
      values,
    );
    if (few === undefined || few.total <= EXACT_MAX) {
      this.kept.delete(key);
      return few?.total ?? 0;
    }
    // Many who ask at once wait for one count.
    const theirs = await this.counting.get(key)?.catch(() => null);
    if (theirs !== undefined && theirs !== null) return theirs;
    const all = this.found(key, countAll);
    this.counting.set(key, all);
    try {
      return await all;
    } finally {
      this.counting.delete(key);
    }
  }

  /** As `count`, for a total that is found without counting every row; `name` tells what it is of. */
  async sum(tx: TenantTx, name: string, find: () => Promise<number>): Promise<number> {
    const key = JSON.stringify([tx.tenantId, name]);
    const known = this.known(key);
    if (known !== null) return known;
    return await this.found(key, find);
  }

  /** Null when it is not known, too old, or yours to count again. */
  private known(key: string): number | null {
    const known = this.kept.get(key);
    if (known === undefined) return null;
    const age = performance.now() - known.countedAt;
    if (age >= KEEP_MS) return null;
    if (age < RENEW_MS || known.isRenewed) return known.total;
    known.isRenewed = true;
    return null;
  }

  /** Finds it, and keeps it where it may be some seconds old. */
  private async found(key: string, find: () => Promise<number>): Promise<number> {
    const countedAt = performance.now();
    const total = await find();
    if (total > EXACT_MAX) this.keep(key, { total, countedAt, isRenewed: false });
    else this.kept.delete(key);
    return total;
  }

  private keep(key: string, kept: Kept): void {
    this.kept.delete(key);
    if (this.kept.size >= KEPT_MAX) this.kept.clear();
    this.kept.set(key, kept);
  }
}

export async function countOf(tx: TenantTx, fromWhere: string, values: readonly SqlValue[]): Promise<number> {
  const all = await tx.queryOne<{ readonly total: number }>(
    `SELECT count(*)::int AS total FROM (SELECT ${fromWhere}) AS all_rows`,
    values,
  );
  return all?.total ?? 0;
}
