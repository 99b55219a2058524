import type { PageQuery, SortDirection } from '@libs/http';

/** A page of a list: SQL for ORDER BY, and what LIMIT and OFFSET get. */
export interface ListPage {
  readonly order: string;
  readonly limit: number;
  readonly offset: number;
}

/** Rows of the same moment are in the order of their ids, in the same direction, so that an index gives this order both ways. */
export function pageOf(
  alias: string,
  query: { readonly page: PageQuery; readonly sort: string; readonly direction: SortDirection },
): ListPage {
  const direction = query.direction === 'asc' ? 'ASC' : 'DESC';
  return {
    order: `${alias}.${query.sort} ${direction}, ${alias}.id ${direction}`,
    limit: query.page.pageLimit,
    offset: query.page.offset,
  };
}
