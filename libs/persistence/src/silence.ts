import { Socket } from 'node:net';

import type { Connection } from './connection';

const CHECKS_MAX_EVERY_MS = 5_000;

const watches = new WeakMap<Connection, SilenceWatch>();

/**
 * Ends a connection whose other side has said nothing for too long while an answer is due. A network that swallows
 * bytes tells nobody: without this, a statement would wait until the kernel gives up, a quarter of an hour later or
 * never, and its connection would be missing in the pool meanwhile.
 *
 * Any byte counts as a sign of life, and a connection that waits for nothing may be silent for ever.
 */
export class SilenceWatch {
  private readonly timer: NodeJS.Timeout;
  private heardAt = performance.now();
  private bytes = 0;
  private patienceMs: number;
  private readonly marginMs: number;
  private readonly usualMs: number;

  /** The watch of a connection, when it has one. */
  static of(connection: Connection): SilenceWatch | undefined {
    return watches.get(connection);
  }

  constructor(
    private readonly connection: Connection,
    limit: { readonly statementTimeoutMs: number; readonly marginMs: number },
  ) {
    this.marginMs = limit.marginMs;
    this.usualMs = limit.statementTimeoutMs + limit.marginMs;
    this.patienceMs = this.usualMs;
    this.timer = setInterval(() => this.check(), Math.min(CHECKS_MAX_EVERY_MS, limit.marginMs / 3)).unref();
    watches.set(connection, this);
    connection.once('end', () => clearInterval(this.timer));
  }

  /** For statements that may take longer than usual, until `asUsual`. */
  allow(statementTimeoutMs: number): void {
    this.patienceMs = statementTimeoutMs + this.marginMs;
  }

  asUsual(): void {
    this.patienceMs = this.usualMs;
  }

  private check(): void {
    const now = performance.now();
    const socket = socketOf(this.connection);
    const bytes = socket?.bytesRead ?? 0;
    if (bytes !== this.bytes || !waitsForAnswer(this.connection)) {
      this.bytes = bytes;
      this.heardAt = now;
    } else if (now - this.heardAt >= this.patienceMs) {
      clearInterval(this.timer);
      const seconds = String(Math.round(this.patienceMs / 1000));
      socket?.destroy(
        new Error(`PostgreSQL has said nothing for ${seconds} s: the connection counts as lost`),
      );
    }
  }
}

/** Ends a connection without a goodbye, to which a network that swallows bytes would bring no answer. */
export function destroySocket(connection: Connection): void {
  socketOf(connection)?.destroy();
}

// pg has no public way to both; `silence.int-spec.ts` fails when these names change.
const waitsForAnswer = (connection: Connection): boolean =>
  Reflect.get(connection, 'readyForQuery') === false;

function socketOf(connection: Connection): Socket | null {
  const inner: unknown = Reflect.get(connection, 'connection');
  const stream: unknown = typeof inner === 'object' && inner !== null ? Reflect.get(inner, 'stream') : null;
  return stream instanceof Socket ? stream : null;
}
