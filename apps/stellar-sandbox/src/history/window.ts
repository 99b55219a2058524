/** A list that grows at its end and is forgotten at its beginning; an item keeps its index for ever. */
export class Window<Item> {
  private items: Item[] = [];

  /** @param dropped the index of the first item to come */
  constructor(private dropped = 0) {}

  /** The index after the last item. */
  get end(): number {
    return this.dropped + this.items.length;
  }

  /** The index of the first item that is still there. */
  get first(): number {
    return this.dropped;
  }

  at(index: number): Item | undefined {
    return index < this.dropped ? undefined : this.items[index - this.dropped];
  }

  push(item: Item): void {
    this.items.push(item);
  }

  last(): Item | undefined {
    return this.items.at(-1);
  }

  since(index: number): readonly Item[] {
    return this.items.slice(Math.max(0, index - this.dropped));
  }

  /** Forgets what lies before this index and returns it. */
  dropBefore(index: number): readonly Item[] {
    const count = Math.min(Math.max(0, index - this.dropped), this.items.length);
    const gone = this.items.slice(0, count);
    this.items = this.items.slice(count);
    this.dropped += count;
    return gone;
  }
}

/** Forgets the leading values of an ascending list that are below the limit. */
export function dropBelow(list: Window<number>, limit: number): void {
  let index = list.first;
  while (index < list.end && (list.at(index) ?? limit) < limit) index += 1;
  list.dropBefore(index);
}
