import { hal, type Reply } from './exchange';
import type { Collection } from './collections';
import type { Paging } from './paging';
import { type Json, link } from './views';

interface PageRequest {
  readonly base: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly paging: Paging;
}

const PAGING_NAMES: ReadonlySet<string> = new Set(['cursor', 'limit', 'order']);

/** The query of a link: filters as they were asked, names in alphabetical order. */
function hrefOf({ base, path, query, paging }: PageRequest, cursor: string, order: 'asc' | 'desc'): string {
  const pairs: [string, string][] = [...query].filter(([name]) => !PAGING_NAMES.has(name));
  pairs.push(['cursor', cursor], ['limit', String(paging.limit)], ['order', order]);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `${base}${path}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

export function pageReply(
  collection: Collection,
  request: PageRequest,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const { paging } = request;
  const items = collection.page(paging);
  const reversed = paging.order === 'asc' ? 'desc' : 'asc';
  const links: Json = {
    self: link(hrefOf(request, paging.cursorText, paging.order)),
    next: link(hrefOf(request, items.at(-1)?.token ?? paging.cursorText, paging.order)),
    prev: link(hrefOf(request, items[0]?.token ?? paging.cursorText, reversed)),
  };
  return hal({ _links: links, _embedded: { records: items.map(({ json }) => json) } }, headers);
}
