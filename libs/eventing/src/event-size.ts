import { ITEMS_PER_EVENT_MAX } from '@libs/contracts';

/** Nothing over this leaves a producer. */
export const EVENT_BYTES_MAX = 64 * 1024;
/** Lists are cut so that an event stays well below the limit. */
export const CHUNK_BYTES_MAX = 48 * 1024;

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/**
 * Cuts a list into the fewest runs, in order, of at most 250 items and 48 KiB each. `bytesAround` is what an event
 * takes without its items. An item that is too large by itself makes a run of its own, for the producer to refuse.
 */
export function cutIntoChunks<Item>(items: readonly Item[], bytesAround: number): Item[][] {
  const chunks: Item[][] = [];
  let current: Item[] = [];
  let bytes = bytesAround;
  for (const item of items) {
    const itemBytes = bytesOf(item) + 1;
    if (
      current.length > 0 &&
      (current.length >= ITEMS_PER_EVENT_MAX || bytes + itemBytes > CHUNK_BYTES_MAX)
    ) {
      chunks.push(current);
      current = [];
      bytes = bytesAround;
    }
    current.push(item);
    bytes += itemBytes;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}
