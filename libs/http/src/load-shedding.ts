import type { IncomingMessage, ServerResponse } from 'node:http';

type Next = () => void;

export interface SheddingLimits {
  /** Below so many waiting requests it is a burst, and not too much. */
  readonly waiting: number;
  /** Who waits for longer has not much patience left. */
  readonly milliseconds: number;
}

/** Of requests that wait for their first answer from the database. */
const LIMITS: SheddingLimits = { waiting: 150, milliseconds: 300 };
/** Whatever the clock says: memory has an end. */
const WAITING_MAX = 1_000;
const RETRY_AFTER_SECONDS = 1;
const BODY = JSON.stringify(
  { error: 'There is too much to do at this moment. Please try again in a second.' },
  null,
  2,
);
const ALWAYS_ANSWERED = ['/health', '/ready'];

/**
 * Refuses what could not be done in time, before it costs anything, so that what was taken is done about as fast as ever.
 *
 * Each request asks the database who it is from before anything else. How many wait for that, and for how long, tells alike of too few
 * connections, a database that is slow or away, and a process that has too much to compute. Bodies that come slowly wait for nothing.
 */
export class LoadShedding {
  /** Since when each of them waits, the oldest first. */
  private readonly waiting = new Map<IncomingMessage, number>();

  constructor(private readonly limits = LIMITS) {}

  /** Stands before the first question to the database. */
  readonly enter = (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    if (this.isTooMuch() && !ALWAYS_ANSWERED.includes(request.url ?? '')) {
      response
        .writeHead(503, {
          'Retry-After': RETRY_AFTER_SECONDS,
          'Content-Type': 'application/json; charset=utf-8',
        })
        .end(BODY);
      return;
    }
    this.waiting.set(request, performance.now());
    response.once('close', () => this.waiting.delete(request));
    next();
  };

  /** Stands behind it. */
  readonly leave = (request: IncomingMessage, _response: ServerResponse, next: Next): void => {
    this.waiting.delete(request);
    next();
  };

  private isTooMuch(): boolean {
    if (this.waiting.size < this.limits.waiting) return false;
    if (this.waiting.size >= WAITING_MAX) return true;
    const [oldest = Infinity] = this.waiting.values();
    return performance.now() - oldest > this.limits.milliseconds;
  }
}
