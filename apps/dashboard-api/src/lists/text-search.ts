import type { SqlValue, TenantTx } from '@libs/persistence';

import type { ListPage } from './list-page';

/** Shorter texts are in so many rows that an index of parts of words does not help. */
const SEARCHABLE_MIN = 3;
/** Of a text that is in more rows than this the page is found by going through the rows in their order. */
const HITS_MAX = 100_000;

export const isSearchable = (text: string | null): text is string =>
  text !== null && text.length >= SEARCHABLE_MIN;

/**
 * SQL that an id is the text or begins with it, with dashes or without, as the functions of the search find it. The bounds are
 * subqueries, so that they are made once and not for each row.
 */
export function idBeginsWith(id: string, text: string): string {
  const digits = `replace(${text}, '-', '')`;
  const bound = (rest: '0' | 'f'): string =>
    `(SELECT CASE WHEN ${digits} ~ '^[0-9a-f]{1,32}$' THEN rpad(${digits}, 32, '${rest}')::uuid END)`;
  return `${id} BETWEEN ${bound('0')} AND ${bound('f')}`;
}

export interface TextSearch {
  /** A function in the database that returns up to so many rows with a text: ids, and what lists are ordered and filtered by. */
  readonly search: string;
  readonly text: string;
  /** SELECT of the ids among `hits` that match the other filters, with the column of the order. */
  readonly matching: string;
  /** SELECT of whole rows for the ids of `page`. */
  readonly rows: string;
  /** Of `matching` and `rows`. */
  readonly values: readonly SqlValue[];
  readonly page: ListPage;
}

/** The page and the exact total of a list of rows with a text; null when the text is in too many rows for this way. */
export async function listWithText<Row extends object>(
  tx: TenantTx,
  { search, text, matching, rows, values, page }: TextSearch,
): Promise<{ readonly items: Row[]; readonly total: number } | null> {
  const all: SqlValue[] = [...values];
  const at = (value: SqlValue): string => `$${String(all.push(value))}`;
  const orderOf = (alias: string): string => page.order.replace(/\b[a-z]\./g, `${alias}.`);
  // How it is done follows from the shape, whatever the text: to plan it takes as long as to find one payment.
  const found = await tx.queryPlanned<{
    readonly hits: number;
    readonly total: number;
    readonly row: Row | null;
  }>(
    `WITH hits AS MATERIALIZED (SELECT * FROM ${search}(${at(text)}, ${at(HITS_MAX + 1)})),
          matching AS MATERIALIZED (${matching}),
          page AS MATERIALIZED (SELECT id FROM matching ORDER BY ${orderOf('matching')} LIMIT ${at(page.limit)} OFFSET ${at(page.offset)})
     SELECT counts.hits, counts.total, found.*
       FROM (SELECT (SELECT count(*)::int FROM hits) AS hits, (SELECT count(*)::int FROM matching) AS total) AS counts
       LEFT JOIN (${rows}) AS found ON true ORDER BY ${orderOf('found')}`,
    all,
  );
  const [first] = found;
  if (first === undefined || first.hits > HITS_MAX) return null;
  const items = found.filter((row) => 'id' in row && row.id !== null) as unknown as Row[];
  return { items, total: first.total };
}
