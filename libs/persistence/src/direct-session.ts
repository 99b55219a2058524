import { Client } from 'pg';

import { destroySocket } from './silence';
import type { SqlValue } from './tx';

export interface DirectSessionOptions {
  /** Must lead to PostgreSQL itself: a pooler between would hand the locks of this session to others. */
  readonly url: string;
  readonly applicationName: string;
  readonly channels: readonly string[];
  /** Called for each notification. It must not throw. */
  readonly notified: (channel: string, payload: string) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const PING_EVERY_MS = 1_000;
/** The server ends a session that says nothing for this long: that is how a frozen process loses its locks. */
const SERVER_PATIENCE_MS = 8_000;
/** Earlier than the server, this side stops believing that the session lives. */
const OWN_PATIENCE_MS = 6_000;

/**
 * One connection of its own, for what belongs to a session: advisory locks and LISTEN.
 *
 * When it is lost it stays lost, and so is every lock that was taken on it: `isAlive()` is to be asked before each
 * step that needs one. Open another one to go on.
 */
export class DirectSession {
  private readonly ended = new AbortController();
  private pinger: NodeJS.Timeout | null = null;
  private heardAt: number;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly client: Client) {
    this.heardAt = performance.now();
  }

  static async open(options: DirectSessionOptions): Promise<DirectSession> {
    const client = new Client({
      connectionString: options.url,
      application_name: options.applicationName,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: OWN_PATIENCE_MS,
    });
    const session = new DirectSession(client);
    client.on('error', () => session.end());
    client.on('end', () => session.end());
    client.on('notification', ({ channel, payload }) => options.notified(channel, payload ?? ''));
    try {
      await client.connect();
      session.heardAt = performance.now();
      await client.query(`SET idle_session_timeout = ${SERVER_PATIENCE_MS}`);
      for (const channel of options.channels)
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      session.end();
      throw error;
    }
    session.pinger = setInterval(() => void session.ping(), PING_EVERY_MS);
    return session;
  }

  /** Aborted as soon as this side knows that the session is lost or closed. */
  get lost(): AbortSignal {
    return this.ended.signal;
  }

  /** Whether the locks of this session can still be relied on at this moment. */
  isAlive(): boolean {
    return !this.ended.signal.aborted && performance.now() - this.heardAt < OWN_PATIENCE_MS;
  }

  /** One statement after the other, in the order of the calls. */
  async query<Row extends object>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const turn = this.last.then(async () => {
      const askedAt = performance.now();
      const { rows } = await this.client.query<Row>(sql, [...values]);
      this.heardAt = askedAt;
      return rows;
    });
    this.last = turn.catch(() => undefined);
    return await turn;
  }

  close(): void {
    this.end();
  }

  private async ping(): Promise<void> {
    if (!this.isAlive()) {
      this.end();
      return;
    }
    await this.query('SELECT 1').catch(() => this.end());
  }

  private end(): void {
    if (this.ended.signal.aborted) return;
    if (this.pinger !== null) clearInterval(this.pinger);
    this.ended.abort();
    // A socket whose other side is gone would otherwise wait for an answer to its goodbye.
    const forced = setTimeout(() => destroySocket(this.client), 1_000);
    this.client
      .end()
      .catch(() => undefined)
      .finally(() => clearTimeout(forced));
  }
}
