import { PAGE_LIMIT_DEFAULT } from '@libs/http';
import type { SqlValue, TenantTx } from '@libs/persistence';

import type { ListPage } from './list-page';
import { type EachOf, isAnyOf, rowsOfEach } from './order-of-each';

/** So few rows are read and sorted; going along the order of more is quicker. */
const SORTED_MAX = 2_000;
/** Rows that changed later than this after they were made have indexes of their own (`…_late`). In hours: a day may have 23. */
const LATE = `interval '168 hours'`;

export interface IdsOf {
  /** The table and its alias. */
  readonly table: string;
  readonly alias: string;
  readonly sort: string;
  readonly conditions: readonly string[];
  readonly values: readonly SqlValue[];
  readonly page: ListPage;
  /** Where an index has the order of the rows of each of some values, and none that of all. */
  readonly ofEach: EachOf | null;
  /** How many rows there are on all pages together; null where an index has just these rows in this order. */
  readonly total: number | null;
  /** Where the order is by the last change, the newest first, of rows that were made before some time: where that value stands. */
  readonly madeBefore: string | null;
}

/**
 * The ids of a page, from indexes alone where they hold what is asked for. PostgreSQL takes rows of some days to be spread evenly over
 * the order by the last change, and would go past a million others to the first of them; the total tells better.
 */
export async function pageIds(tx: TenantTx, wanted: IdsOf): Promise<readonly string[]> {
  const { alias, values, page, total } = wanted;
  if (isWhatListsBeginWith(wanted)) return await beginning(tx, wanted);
  const all = [...values, page.limit, page.offset];
  const [limit, offset] = [`$${String(all.length - 1)}`, `$${String(all.length)}`];
  const most = `${limit}::bigint + ${offset}::bigint`;
  let rows = alongOrder(wanted, most);
  // OFFSET 0 makes PostgreSQL find them before it thinks of their order.
  if (total !== null && total <= SORTED_MAX)
    rows = `FROM ${rowsOf(wanted, isAnyOf(wanted.ofEach), 'OFFSET 0')} ${alias}`;
  else if (wanted.madeBefore !== null) rows = newestChanges(wanted, wanted.madeBefore, most);
  const found = await tx.query<{ readonly id: string }>(
    `SELECT ${alias}.id ${rows} ORDER BY ${page.order} LIMIT ${limit} OFFSET ${offset}`,
    all,
  );
  return found.map(({ id }) => id);
}

/** Nothing but the tenant is among the values of a list without filters. */
const isWhatListsBeginWith = ({ values, page, total, madeBefore }: IdsOf): boolean =>
  values.length === 1 &&
  page.offset === 0 &&
  page.limit === PAGE_LIMIT_DEFAULT &&
  total === null &&
  madeBefore === null;

/**
 * The page that everybody looks at first, whose plan is kept: to make it took three times as long as to read the page. The limit
 * stands in the text, as a plan for any limit is one for a tenth of all rows; there are as many texts as there are orders of lists.
 */
async function beginning(tx: TenantTx, wanted: IdsOf): Promise<readonly string[]> {
  const { alias, values, page } = wanted;
  const found = await tx.queryPlanned<{ readonly id: string }>(
    `SELECT ${alias}.id ${alongOrder(wanted, String(page.limit))} ORDER BY ${page.order} LIMIT ${String(page.limit)}`,
    values,
  );
  return found.map(({ id }) => id);
}

const fromWhere = ({ table, alias, conditions }: IdsOf, more: readonly string[]): string =>
  `FROM ${table} ${alias} WHERE ${[...conditions, ...more].join(' AND ')}`;

/** The first `most` rows, merged from those of each value: PostgreSQL reads of each as many as come to be among them. */
function alongOrder(wanted: IdsOf, most: string): string {
  const { alias, page, ofEach } = wanted;
  if (ofEach === null) return fromWhere(wanted, []);
  return `FROM (${firstOfEach(wanted, [], `ORDER BY ${page.order} LIMIT ${most}`)}) ${alias}`;
}

const firstOfEach = (wanted: IdsOf, more: readonly string[], end: string): string =>
  rowsOfEach(wanted.ofEach, (one) => rowsOf(wanted, [...more, ...one], end));

/** The rows as a table of their own. */
const rowsOf = (wanted: IdsOf, more: readonly string[], end: string): string =>
  `(SELECT ${wanted.alias}.id, ${wanted.alias}.${wanted.sort} ${fromWhere(wanted, more)} ${end})`;

/**
 * Along the order of the last change, everything that was made later than asked for would come first. Few rows change long after
 * they were made: the others are found from a week after the time on, and those few in an index that has no others.
 */
function newestChanges(wanted: IdsOf, madeBefore: string, most: string): string {
  const { alias, page } = wanted;
  const age = `${alias}.updated_at - ${alias}.created_at`;
  const end = `ORDER BY ${page.order} LIMIT ${most}`;
  const soon = firstOfEach(
    wanted,
    [`${age} <= ${LATE}`, `${alias}.updated_at < ${madeBefore}::timestamptz + ${LATE}`],
    end,
  );
  const late = rowsOf(wanted, [`${age} > ${LATE}`], end);
  return `FROM (${soon} UNION ALL ${late}) ${alias}`;
}
