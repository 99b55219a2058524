import type { DisbursementWorld } from './disbursement-world';

/** A row that a list shows, with its moments to the microsecond, in UTC. */
export interface DatedRow {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What a list is asked for. Days are whole, and null where none is named. */
export interface DatedQuery {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly sort: 'created_at' | 'updated_at';
  readonly direction: 'asc' | 'desc';
  readonly status: string | null;
}

export const FIRST_DAY = '2026-03-01';
const LAST_DAY = '2026-03-06';
const DAYS = 6;

const PAGE = 100;
const RANGES = [
  { name: 'one day', from: '2026-03-02', to: '2026-03-02' },
  { name: 'the first days', from: null, to: '2026-03-03' },
  { name: 'the last days', from: '2026-03-04', to: null },
  { name: 'a day without any', from: '2026-02-01', to: '2026-02-01' },
];

/**
 * SQL of `count` moments (`at`, and `n` from 0) on the six days in no order, and of the last change of each: at some time in
 * the twelve days after it.
 */
export const momentsOf = (count: number): { readonly rows: string; readonly changed: string } => ({
  rows: `generate_series(0, ${String(count - 1)}) AS n
         CROSS JOIN LATERAL (SELECT timestamptz '${FIRST_DAY}T00:00:00Z'
           + n * 2741 % ${String(count)} * interval '${String(DAYS)} days' / ${String(count)} AS at) made`,
  changed: `at + n * 7919 % ${String(count)} * interval '${String(2 * DAYS)} days' / ${String(count)}`,
});

/** SQL of the moments of a row as `DatedRow` has them. */
export const momentsAsText = (table: string): string =>
  ['created_at', 'updated_at']
    .map((at) => `to_char(${table}.${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS ${at}`)
    .join(', ');

/** Each range of days with each order and status. */
export function datedQueries(
  ranges: readonly Pick<DatedQuery, 'name' | 'from' | 'to'>[],
  statuses: readonly (string | null)[],
): readonly DatedQuery[] {
  return [...RANGES, ...ranges].flatMap((range) =>
    (['created_at', 'updated_at'] as const).flatMap((sort) =>
      (['asc', 'desc'] as const).flatMap((direction) =>
        statuses.map((status) => ({ ...range, sort, direction, status })),
      ),
    ),
  );
}

/** Asks for the first, a middle and the last page, and expects the rows that a sort of `all` gives, in their order. */
export async function expectRightPages(
  own: DisbursementWorld,
  path: string,
  all: readonly DatedRow[],
  { from, to, sort, direction, status }: DatedQuery,
): Promise<void> {
  const wanted = all
    .filter((row) => status === null || row.status === status)
    .filter(({ created_at: at }) => (from ?? FIRST_DAY) <= at && at.slice(0, 10) <= (to ?? LAST_DAY))
    .toSorted((one, other) => `${one[sort]} ${one.id}`.localeCompare(`${other[sort]} ${other.id}`))
    .map(({ id }) => id);
  if (direction === 'desc') wanted.reverse();
  const pages = Math.ceil(wanted.length / PAGE);
  for (const page of new Set([1, Math.max(1, pages >> 1), Math.max(1, pages)])) {
    const query = new URLSearchParams({ sort, direction, page: String(page), page_limit: String(PAGE) });
    if (from !== null) query.set('created_at_after', from);
    if (to !== null) query.set('created_at_before', to);
    if (status !== null) query.set('status', status);
    const reply = await own.call('GET', `${path}?${query.toString()}`);
    const { data, pagination } = reply.body as { data: { id: string }[]; pagination: { total: number } };
    expect([reply.status, pagination.total]).toEqual([200, wanted.length]);
    expect(data.map(({ id }) => id)).toEqual(wanted.slice((page - 1) * PAGE, page * PAGE));
  }
}
