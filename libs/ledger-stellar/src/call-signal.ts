import type { HttpAnswer } from './http-client';
import type { CallVerdict } from './node-budget';
import { isAboutOneEnvelope } from './problem-codes';

/** 502 is how a gateway says that it could not reach the node. */
const GATEWAY_STATUSES = [502, 503, 504];
const SLOW_FACTOR = 4;
/** Nothing faster is called slow, whatever is usual: on the way there are others than the node. */
const SLOW_MIN_MS = 1_000;
const USUAL_KEPT_MS = 60_000;

/**
 * What an answer says about the load of the node. 503 and 504 with `tx_status` or `extras.hash` are about one envelope, and
 * say nothing about it. Nothing but a 429 or such an answer is waited out because of a Retry-After.
 */
export function verdictOf(answer: HttpAnswer, isSlow: boolean, now: () => number): CallVerdict {
  const { status, body } = answer;
  if (status === 429 || (GATEWAY_STATUSES.includes(status) && !isAboutOneEnvelope(body))) {
    return { signal: 'overloaded', retryAfterMs: retryAfterOf(answer, now) };
  }
  if (status >= 500) return { signal: 'neutral', retryAfterMs: null };
  return { signal: isSlow ? 'slow' : 'well', retryAfterMs: null };
}

/** Seconds, or a date. `now` is the time of day in milliseconds. */
function retryAfterOf({ header }: HttpAnswer, now: () => number): number | null {
  const value = header('retry-after')?.trim() ?? '';
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1_000;
  // An HTTP date ends so; much else passes for a date, too.
  const at = value.endsWith(' GMT') ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now());
}

/** Knows how fast a node answers when nothing is in its way: the least that was seen in the last minute or two. */
export class UsualLatency {
  private before = Infinity;
  private current = Infinity;
  private since: number;

  constructor(private readonly now: () => number) {
    this.since = now();
  }

  /** Learns from an answer, and says whether it came far later than usual. */
  isSlow(milliseconds: number): boolean {
    const now = this.now();
    if (now - this.since >= USUAL_KEPT_MS) {
      this.before = this.current;
      this.current = Infinity;
      this.since = now;
    }
    const usual = Math.min(this.before, this.current);
    this.current = Math.min(this.current, milliseconds);
    return milliseconds > Math.max(SLOW_MIN_MS, usual * SLOW_FACTOR);
  }
}
