import type { SqlValue, TenantTx } from '@libs/persistence';

import type { ListPage } from './text-search';

/** So few rows are read and sorted; going along the order of more is quicker. */
const SORTED_MAX = 2_000;

export interface IdsOf {
  /** The table and its alias. */
  readonly table: string;
  readonly alias: string;
  readonly sort: string;
  readonly conditions: readonly string[];
  readonly values: readonly SqlValue[];
  readonly page: ListPage;
  /** How many rows there are on all pages together; null where an index has just these rows in this order. */
  readonly total: number | null;
}

/**
 * The ids of a page, from indexes alone where they hold what is asked for. PostgreSQL takes rows of some days to be spread evenly over
 * the order by the last change, and would go past a million others to the first of them; the total tells better.
 */
export async function pageIds(
  tx: TenantTx,
  { table, alias, sort, conditions, values, page, total }: IdsOf,
): Promise<readonly string[]> {
  const where = `FROM ${table} ${alias} WHERE ${conditions.join(' AND ')}`;
  // OFFSET 0 makes PostgreSQL find the rows before it thinks of their order.
  const rows =
    total !== null && total <= SORTED_MAX
      ? `FROM (SELECT ${alias}.id, ${alias}.${sort} ${where} OFFSET 0) ${alias}`
      : where;
  const all = [...values, page.limit, page.offset];
  const found = await tx.query<{ readonly id: string }>(
    `SELECT ${alias}.id ${rows} ORDER BY ${page.order} LIMIT $${String(all.length - 1)} OFFSET $${String(all.length)}`,
    all,
  );
  return found.map(({ id }) => id);
}
