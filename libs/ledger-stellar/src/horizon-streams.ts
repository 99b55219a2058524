import { LedgerUnreachableError } from '@libs/ledger';

import { readEvents, type StreamEvent } from './event-stream';
import type { HttpTransport } from './http-client';

/** A stream that is told to answer with at most this many events ends by itself; without it, after ten. */
const EVENTS_MAX = 200;
const RECONNECT_MS = 10;
const RETRY_MS = 1_000;
/** Horizon says good-bye after 55 s; whoever says nothing for longer is not there any more. */
const SILENCE_MAX_MS = 75_000;

export interface StreamOptions {
  readonly http: HttpTransport;
  /** Where to connect next; asked again at each connection. */
  readonly url: () => string;
  /** `/ledgers`, or with a query `/transactions?include_failed=true`. */
  readonly path: string;
  readonly cursor: string;
  readonly onEvent: (event: StreamEvent) => void;
  /** A connection failed: the next one goes to another server. */
  readonly onFailure: () => void;
}

/** A server-sent stream that begins again where it ended, at whichever server answers, until it is stopped. */
export class HorizonStream {
  private cursor: string;
  private connection: AbortController | null = null;
  private connectedTo = '';

  constructor(private readonly options: StreamOptions) {
    this.cursor = options.cursor;
  }

  /** The server that it hears now; empty while it is connected to none. */
  get server(): string {
    return this.connectedTo;
  }

  /** Ends the present connection; the next one is made at once, perhaps to another server. */
  reconnect(): void {
    this.connection?.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { cursor } = this;
      try {
        await this.connect(signal);
        await pause(RECONNECT_MS, signal);
      } catch {
        if (!isOver(signal)) this.options.onFailure();
        // Whoever has told something before it was cut is worth another try at once.
        await pause(this.cursor === cursor ? RETRY_MS : RECONNECT_MS, signal);
      } finally {
        this.connectedTo = '';
      }
    }
  }

  private async connect(signal: AbortSignal): Promise<void> {
    const { http, url, path, onEvent } = this.options;
    const server = url();
    const connection = new AbortController();
    const stop = (): void => {
      connection.abort();
    };
    this.connection = connection;
    signal.addEventListener('abort', stop, { once: true });
    const quiet = { is: false };
    const giveUp = (): void => {
      quiet.is = true;
      connection.abort();
    };
    let silence = setTimeout(giveUp, SILENCE_MAX_MS);
    try {
      const query = `${path.includes('?') ? '&' : '?'}cursor=${this.cursor}&limit=${String(EVENTS_MAX)}`;
      const response = await http.stream(`${server}${path}${query}`, connection.signal);
      if (response.statusCode !== 200) {
        response.resume();
        throw new LedgerUnreachableError(`the stream answered ${String(response.statusCode)}`);
      }
      this.connectedTo = server;
      for await (const event of readEvents(response)) {
        clearTimeout(silence);
        silence = setTimeout(giveUp, SILENCE_MAX_MS);
        if (event.id === '') continue;
        onEvent(event);
        this.cursor = event.id;
      }
    } catch (error) {
      // Told to reconnect: nothing is wrong with the server that was heard.
      if (quiet.is || !connection.signal.aborted) throw error;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
      this.connection = null;
    }
  }
}

/** A function, since the compiler takes a signal that was open once for open for ever. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
