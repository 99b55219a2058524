import type { IncomingMessage, ServerResponse } from 'node:http';

import { WaitingLine } from '@libs/persistence';

type Next = () => void;

export interface SheddingLimits {
  /** Below so many in a line it is a burst, and not too much. */
  readonly waiting: number;
  /** Who waits in one for longer has not much patience left. */
  readonly milliseconds: number;
  /**
   * So long after the last refusal the length alone decides. Otherwise a line that has just been emptied fills with far too many before
   * one of them has waited, again and again.
   */
  readonly strictForMs: number;
}

/** Of each line. */
const LIMITS: SheddingLimits = { waiting: 150, milliseconds: 300, strictForMs: 5_000 };
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
 * Each request asks the database who it is from before anything else. How many wait for that, and for how long, tells alike of a
 * database that is slow or away and of a process that has too much to compute. Many such questions go in one statement, so it tells
 * little of what follows: that waits for connections, in lines that count as well. Bodies that come slowly wait for nothing.
 */
export class LoadShedding {
  private readonly askingWho: WaitingLine;
  private readonly lines: readonly WaitingLine[];
  private strictUntil = -Infinity;

  /** `further` are lines in which requests wait later on; `now` tells milliseconds of the same clock as theirs. */
  constructor(
    further: readonly WaitingLine[],
    private readonly limits = LIMITS,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.askingWho = new WaitingLine(now);
    this.lines = [this.askingWho, ...further];
  }

  /** Stands before the first question to the database. */
  readonly enter = (request: IncomingMessage, response: ServerResponse, next: Next): void => {
    if (this.lines.some((line) => this.isTooMuch(line)) && !ALWAYS_ANSWERED.includes(request.url ?? '')) {
      response
        .writeHead(503, {
          'Retry-After': RETRY_AFTER_SECONDS,
          'Content-Type': 'application/json; charset=utf-8',
        })
        .end(BODY);
      return;
    }
    this.askingWho.enter(request);
    response.once('close', () => {
      this.askingWho.leave(request);
    });
    next();
  };

  /** Stands behind it. */
  readonly leave = (request: IncomingMessage, _response: ServerResponse, next: Next): void => {
    this.askingWho.leave(request);
    next();
  };

  private isTooMuch(line: WaitingLine): boolean {
    const { waiting, milliseconds, strictForMs } = this.limits;
    if (line.length < waiting) return false;
    if (line.length >= WAITING_MAX) return true;
    const now = this.now();
    if (line.longestMs <= milliseconds && now >= this.strictUntil) return false;
    this.strictUntil = now + strictForMs;
    return true;
  }
}
