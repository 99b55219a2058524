import { badRequest } from './problems';

export interface Paging {
  /** Where to go on, exclusive; `null` from the beginning or, descending, from the end. */
  readonly cursor: bigint | null;
  /** What the request said, for the links. */
  readonly cursorText: string;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
}

const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 200;
const TOKEN = /^[0-9]{1,19}$/;

function limitOf(text: string | null): number {
  if (text === null || text === '') return LIMIT_DEFAULT;
  if (!/^-?[0-9]{1,9}$/.test(text)) throw badRequest('limit', 'unparseable value');
  const limit = Number(text);
  if (limit <= 0) throw badRequest('limit', 'invalid limit: non-positive value provided');
  if (limit > LIMIT_MAX) {
    throw badRequest('limit', `invalid limit: value provided that is over limit max of ${String(LIMIT_MAX)}`);
  }
  return limit;
}

/** Reads `cursor`, `order` and `limit`. `now` stands for the end of the latest ledger that was read. */
export function pagingOf(query: URLSearchParams, now: bigint, lastEventId: string | null = null): Paging {
  const limit = limitOf(query.get('limit'));
  const order = query.get('order') ?? '';
  if (order !== '' && order !== 'asc' && order !== 'desc') throw badRequest('order', 'order: invalid value');
  const asked = lastEventId ?? query.get('cursor') ?? '';
  const text = asked === 'now' ? String(now) : asked;
  if (text !== '' && !TOKEN.test(text)) throw badRequest('cursor', 'cursor: invalid value');
  return {
    cursor: text === '' ? null : BigInt(text),
    cursorText: text,
    order: order === 'desc' ? 'desc' : 'asc',
    limit,
  };
}

/** A list that grows at its end, with its items' paging tokens ascending. */
export interface Source<Item> {
  /** The indexes of the first item and after the last one. */
  readonly first: number;
  readonly end: number;
  readonly at: (index: number) => Item | undefined;
  readonly token: (item: Item) => bigint;
  readonly wanted: (item: Item) => boolean;
}

/** The index of the first item whose token is above the cursor. */
function firstAfter<Item>(source: Source<Item>, cursor: bigint): number {
  let [low, high] = [source.first, source.end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const item = source.at(middle);
    if (item !== undefined && source.token(item) <= cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function pageOf<Item>(source: Source<Item>, paging: Paging): Item[] {
  const items: Item[] = [];
  const ascending = paging.order === 'asc';
  let at: number;
  if (ascending) at = paging.cursor === null ? source.first : firstAfter(source, paging.cursor);
  else at = (paging.cursor === null ? source.end : firstAfter(source, paging.cursor - 1n)) - 1;
  for (; at >= source.first && at < source.end && items.length < paging.limit; at += ascending ? 1 : -1) {
    const item = source.at(at);
    if (item !== undefined && source.wanted(item)) items.push(item);
  }
  return items;
}
