import type { SqlValue, TenantTx, UnitOfWork } from '@libs/persistence';

import { EXACT_MAX, type Find, RecentTotals } from './recent-totals';

/** How many rows a list has: exact up to 10,000, above that at most 5 s old, because counting a million takes a while. */
export class ListTotals {
  private readonly recent: RecentTotals<number>;

  constructor(unitOfWork: UnitOfWork) {
    this.recent = new RecentTotals(unitOfWork, (total) => total > EXACT_MAX);
  }

  /** `fromWhere` is the part of the query after SELECT …, without ORDER BY; `countAll` knows a quicker way to count very many. */
  async count(
    tx: TenantTx,
    fromWhere: string,
    values: readonly SqlValue[],
    countAll: Find<number> = (own) => countOf(own, fromWhere, values),
  ): Promise<number> {
    const name = JSON.stringify([fromWhere, values]);
    const known = this.recent.known(tx, name, countAll);
    if (known !== null) return known;
    const [few] = await tx.query<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM (SELECT ${fromWhere} LIMIT ${String(EXACT_MAX + 1)}) AS first_rows`,
      values,
    );
    if (few === undefined || few.total <= EXACT_MAX) {
      this.recent.forget(tx, name);
      return few?.total ?? 0;
    }
    return await this.recent.find(tx, name, countAll);
  }

  /** As `count`, for a total that is found without counting every row; `name` tells what it is of. */
  async sum(tx: TenantTx, name: string, find: Find<number>): Promise<number> {
    return await this.recent.of(tx, name, find);
  }
}

export async function countOf(tx: TenantTx, fromWhere: string, values: readonly SqlValue[]): Promise<number> {
  const all = await tx.queryOne<{ readonly total: number }>(
    `SELECT count(*)::int AS total FROM (SELECT ${fromWhere}) AS all_rows`,
    values,
  );
  return all?.total ?? 0;
}
