import type { SqlValue, TenantTx, UnitOfWork } from '@libs/persistence';

/** Up to here a total is counted at each request. */
const EXACT_MAX = 10_000;
/** Above that it may be this old. */
const KEEP_MS = 5_000;
/** So long before that it is counted again for those who come next, while they take what is known. */
const RENEW_MS = 3_000;
const KEPT_MAX = 1_000;
/** More that fall due at once are counted by the requests that need them. */
const RENEWALS_MAX = 2;

/** Finds a total in a database transaction: of the request, or of its own where nobody waits for it. */
type Find = (tx: TenantTx) => Promise<number>;

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
  private renewals = 0;

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** `fromWhere` is the part of the query after SELECT …, without ORDER BY; `countAll` knows a quicker way to count very many. */
  async count(
    tx: TenantTx,
    fromWhere: string,
    values: readonly SqlValue[],
    countAll: Find = (own) => countOf(own, fromWhere, values),
  ): Promise<number> {
    const key = JSON.stringify([tx.tenantId, fromWhere, values]);
    const known = this.known(tx, key, countAll);
    if (known !== null) return known;
    const [few] = await tx.query<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM (SELECT ${fromWhere} LIMIT ${String(EXACT_MAX + 1)}) AS first_rows`,
      values,
    );
    if (few === undefined || few.total <= EXACT_MAX) {
      this.kept.delete(key);
      return few?.total ?? 0;
    }
    return await this.found(tx, key, countAll);
  }

  /** As `count`, for a total that is found without counting every row; `name` tells what it is of. */
  async sum(tx: TenantTx, name: string, find: Find): Promise<number> {
    const key = JSON.stringify([tx.tenantId, name]);
    return this.known(tx, key, find) ?? (await this.found(tx, key, find));
  }

  /** Null when it is not known or too old. */
  private known(tx: TenantTx, key: string, find: Find): number | null {
    const known = this.kept.get(key);
    if (known === undefined) return null;
    const age = performance.now() - known.countedAt;
    if (age >= KEEP_MS) return null;
    if (age >= RENEW_MS && !known.isRenewed && this.renewals < RENEWALS_MAX) {
      known.isRenewed = true;
      void this.renew(tx, key, find);
    }
    return known.total;
  }

  /** Nobody waits for it; where it fails, the next request after the time of the old total counts, and tells why. */
  private async renew({ tenantId, actor, trace }: TenantTx, key: string, find: Find): Promise<void> {
    this.renewals += 1;
    try {
      await this.unitOfWork.run({ tenantId, actor, trace }, (own) => this.found(own, key, find));
    } catch {
      // The old total is still good for its time.
    } finally {
      this.renewals -= 1;
    }
  }

  /** Many who ask at once wait for one count. */
  private async found(tx: TenantTx, key: string, find: Find): Promise<number> {
    const theirs = await this.counting.get(key)?.catch(() => null);
    if (theirs !== undefined && theirs !== null) return theirs;
    const own = this.counted(tx, key, find);
    this.counting.set(key, own);
    try {
      return await own;
    } finally {
      this.counting.delete(key);
    }
  }

  /** Kept where it may be some seconds old. */
  private async counted(tx: TenantTx, key: string, find: Find): Promise<number> {
    const countedAt = performance.now();
    const total = await find(tx);
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
