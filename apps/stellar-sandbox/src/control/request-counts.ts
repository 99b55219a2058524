/** What a client asked how often, so that a test can hold it to its calls. A stream counts once, when it is opened. */
export class RequestCounts {
  private readonly counts = new Map<string, number>();
  private readonly rest = 'others';

  add(method: string, path: string): void {
    const name = `${method} ${routeOf(path)}`;
    // Whoever asks for a thousand things that do not exist does not fill the memory.
    const key = this.counts.has(name) || this.counts.size < NAMES_MAX ? name : this.rest;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  clear(): void {
    this.counts.clear();
  }

  list(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }
}

const NAMES_MAX = 100;

/** Names in a path are addresses, hashes or numbers; what remains is the kind of question. */
const routeOf = (path: string): string =>
  path
    .split('/')
    .map((part) => (/^(?:G[A-Z2-7]{55}|[0-9a-f]{64}|[0-9]+)$/.test(part) ? '{id}' : part.slice(0, 40)))
    .join('/');
