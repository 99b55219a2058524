const WAITING_MAX = 100;

/**
 * Lets the requests of one contact pass one after another, before they take a connection to the database: a flood of
 * guesses for one person then holds one connection, and everybody else is served as before.
 */
export class ContactQueue {
  private readonly tails = new Map<string, { readonly last: Promise<unknown>; readonly length: number }>();

  /** Null when too many requests of this contact wait already. */
  async pass<T>(key: string, work: () => Promise<T>): Promise<T | null> {
    const tail = this.tails.get(key) ?? { last: Promise.resolve(), length: 0 };
    if (tail.length >= WAITING_MAX) return null;
    const mine = tail.last.then(work, work);
    this.tails.set(key, { last: mine, length: tail.length + 1 });
    try {
      return await mine;
    } finally {
      const now = this.tails.get(key);
      if (now === undefined || now.length <= 1) this.tails.delete(key);
      else this.tails.set(key, { last: now.last, length: now.length - 1 });
    }
  }
}
