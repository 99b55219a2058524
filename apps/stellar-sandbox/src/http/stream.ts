import type { Exchange } from './exchange';
import type { Paging } from './paging';
import type { Collection } from './collections';
import type { Json } from './views';

export interface StreamSettings {
  /** How often a stream looks for news, in milliseconds. */
  readonly tickMs: number;
  /** When a stream says good-bye, in milliseconds. */
  readonly lifetimeMs: number;
}

/** How streams misbehave. */
export interface StreamTrouble {
  /** The connection is cut after so many events. */
  readonly cutAfter: number | null;
  /** Every so-many-th event is left out. */
  readonly loseEvery: number | null;
  /** Open, and no event ever comes. */
  readonly silent: boolean;
}

export const NO_TROUBLE: StreamTrouble = { cutAfter: null, loseEvery: null, silent: false };

const HELLO = 'retry: 1000\nevent: open\ndata: "hello"\n\n';
const GOOD_BYE = 'retry: 10\nevent: close\ndata: "byebye"\n\n';

const ESCAPES: Readonly<Record<string, string>> = { '&': '\\u0026', '<': '\\u003c', '>': '\\u003e' };
const dataOf = (json: Json): string =>
  JSON.stringify(json).replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);

/** A server-sent stream that is open. The server ends all of them when it stops. */
export class Streams {
  private readonly open = new Map<() => void, () => void>();
  private events = 0;
  trouble: StreamTrouble = NO_TROUBLE;

  constructor(private readonly settings: StreamSettings) {}

  get size(): number {
    return this.open.size;
  }

  closeAll(): void {
    for (const end of [...this.open.keys()]) end();
  }

  /** Cuts the connections without a word, and says how many there were. */
  cutAll(): number {
    const cuts = [...this.open.values()];
    for (const cut of cuts) cut();
    return cuts.length;
  }

  /** Sends what the collection has after the cursor, and what comes, until the limit or the end of its life. */
  follow(exchange: Exchange, collection: Collection, paging: Paging): void {
    let { cursor } = paging;
    let left = paging.limit;
    let sent = 0;
    const end = this.start(exchange, () => {
      const { cutAfter, loseEvery, silent } = this.trouble;
      if (silent) return;
      for (const { json, token } of collection.page({ ...paging, cursor, limit: left })) {
        if (cutAfter !== null && sent >= cutAfter) {
          // What was sent before arrives; only then the connection ends.
          exchange.response.write('', () => exchange.response.destroy());
          return;
        }
        cursor = BigInt(token);
        left -= 1;
        this.events += 1;
        if (loseEvery !== null && this.events % loseEvery === 0) continue;
        exchange.response.write(`id: ${token}\ndata: ${dataOf(json)}\n\n`);
        sent += 1;
      }
      if (left <= 0) end();
    });
  }

  /** Sends one record once and stays open, as Horizon's account stream does. */
  once(exchange: Exchange, json: Json): void {
    let sent = false;
    this.start(exchange, () => {
      if (!sent) exchange.response.write(`data: ${dataOf(json)}\n\n`);
      sent = true;
    });
  }

  private start({ response }: Exchange, tick: () => void): () => void {
    response.writeHead(200, {
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'content-type': 'text/event-stream; charset=utf-8',
    });
    response.write(HELLO);
    const stop = (): void => {
      clearInterval(ticker);
      clearTimeout(lifetime);
      this.open.delete(end);
    };
    const end = (): void => {
      stop();
      if (!response.writableEnded) response.end(GOOD_BYE);
    };
    const ticker = setInterval(tick, this.settings.tickMs);
    const lifetime = setTimeout(end, this.settings.lifetimeMs);
    this.open.set(end, () => response.destroy());
    response.on('close', stop);
    setImmediate(tick);
    return end;
  }
}
