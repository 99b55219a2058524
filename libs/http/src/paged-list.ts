import type { PageQuery } from './query-reader';

export interface Pagination {
  readonly next?: string;
  readonly prev?: string;
  readonly pages: number;
  readonly total: number;
}

export interface PagedList<Item> {
  readonly pagination: Pagination;
  readonly data: readonly Item[];
}

/** The body of a paged list. Links keep the other parameters, sorted by name; there is none beyond either end. */
export function pagedList<Item>(
  requestUrl: string,
  query: PageQuery,
  found: { readonly items: readonly Item[]; readonly total: number },
): PagedList<Item> {
  const pages = Math.ceil(found.total / query.pageLimit);
  const linkTo = (page: number): string => {
    const [path = ''] = requestUrl.split('?', 1);
    const parameters = new URLSearchParams(requestUrl.slice(path.length));
    parameters.set('page', String(page));
    parameters.sort();
    return `${path}?${parameters.toString()}`;
  };
  return {
    pagination: {
      ...(query.page < pages ? { next: linkTo(query.page + 1) } : {}),
      ...(query.page > 1 && pages > 0 ? { prev: linkTo(query.page - 1) } : {}),
      pages,
      total: found.total,
    },
    data: found.items,
  };
}
