/** What one call says about how much its node can take. */
export type CallSignal =
  /** It answered in its usual time, whatever the answer was. */
  | 'well'
  /** It answered, and that says nothing about how busy it is. */
  | 'neutral'
  /** It answered far more slowly than it usually does. */
  | 'slow'
  /** It asked for less, or did not answer. */
  | 'overloaded';

export interface NodeBudgetOptions {
  /** Milliseconds that only move forward. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What was heard of a call. */
export interface CallVerdict {
  readonly signal: CallSignal;
  /** How long the node asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | null;
}

/** A call under way. */
export interface StartedCall {
  readonly at: number;
}

const IN_FLIGHT_MAX = 64;
const PER_SECOND_MAX = 1_000;
const PER_SECOND_MIN = 0.5;
const CUT = 0.5;
/** After a cut the old speed is reached again in so many seconds, if the node takes it. */
const RECOVERY_SECONDS = 10;
const STEP_MIN = 0.5;
/** After a pause it does not grow for the time of the pause. */
const GROWN_SECONDS_MAX = 1;
/** How far back the speed is measured. */
const SPEED_MS = 2_000;
const BURST_SECONDS = 0.25;
const REST_FIRST_MS = 250;
const REST_MAX_MS = 30_000;
/** Nobody makes us stop paying for longer by one header. */
const REST_ASKED_MAX_MS = 300_000;
const REST_ASKED_JITTER = 0.1;
/** A whole token may be a hair less after it was summed up from parts. */
const ROUNDING = 1e-9;

/**
 * How many calls one node may get at once and per second. Both grow by addition while it answers and are halved when it is
 * overloaded, at most once for what was under way together; then it gets a rest, as long as it asks for or longer each time,
 * with jitter, so that those who were refused together do not come back together.
 */
export class NodeBudget {
  private window = IN_FLIGHT_MAX;
  private speedMax = PER_SECOND_MAX;
  private step = PER_SECOND_MAX / RECOVERY_SECONDS;
  private tokens = PER_SECOND_MAX * BURST_SECONDS;
  private tokensAt: number;
  private grownAt: number;
  private speed = 0;
  private speedAt: number;
  private underWay = 0;
  private restUntil = -Infinity;
  private cutAt = -Infinity;
  private cuts = 0;

  constructor(private readonly options: NodeBudgetOptions) {
    this.tokensAt = this.speedAt = this.grownAt = options.now();
  }

  /** How many calls may be under way at once. */
  get inFlightMax(): number {
    return Math.max(1, Math.floor(this.window));
  }

  get inFlight(): number {
    return this.underWay;
  }

  get perSecondMax(): number {
    return this.speedMax;
  }

  /** Milliseconds for which the node is left alone; 0 when it may be asked. */
  get restMs(): number {
    return Math.max(0, this.restUntil - this.options.now());
  }

  /** Milliseconds until one more call may begin: 0 now, Infinity when one has to end first. */
  waitMs(): number {
    if (this.underWay >= this.inFlightMax) return Infinity;
    this.refill();
    const missing = Math.max(0, 1 - this.tokens - ROUNDING);
    return Math.max(this.restMs, (missing / this.speedMax) * 1_000);
  }

  begin(): StartedCall {
    const now = this.options.now();
    this.refill();
    this.tokens -= 1;
    this.underWay += 1;
    this.speed = this.speedNow(now) + 1_000 / SPEED_MS;
    this.speedAt = now;
    return { at: now };
  }

  end(call: StartedCall, verdict: CallVerdict): void {
    const wasFull = this.underWay >= this.inFlightMax;
    this.underWay -= 1;
    this.heard(call, verdict, wasFull);
  }

  /** As `end`, for a connection that counts as no call: a stream. */
  heard({ at }: StartedCall, { signal, retryAfterMs }: CallVerdict, wasFull = false): void {
    const now = this.options.now();
    const isOverloaded = signal === 'overloaded';
    if (isOverloaded && retryAfterMs !== null) this.restFor(this.asked(retryAfterMs), now);
    // What was under way when the budget was cut tells of the load before the cut.
    if (at <= this.cutAt) return;
    if (isOverloaded || signal === 'slow') {
      this.cut(now);
      if (isOverloaded && retryAfterMs === null) this.restFor(this.backOff(), now);
    } else if (signal === 'well') {
      this.cuts = 0;
      this.grow(now, wasFull);
    }
  }

  /** Only what is made use of grows: a limit that is never reached says nothing about the node. */
  private grow(now: number, wasFull: boolean): void {
    if (wasFull) this.window = Math.min(IN_FLIGHT_MAX, this.window + 1 / this.window);
    const seconds = Math.min(GROWN_SECONDS_MAX, (now - this.grownAt) / 1_000);
    this.grownAt = now;
    if (this.speedNow(now) < this.speedMax / 2) return;
    this.speedMax = Math.min(PER_SECOND_MAX, this.speedMax + this.step * seconds);
  }

  private cut(now: number): void {
    const speed = Math.min(this.speedMax, Math.max(this.speedNow(now), PER_SECOND_MIN));
    this.refill();
    this.step = Math.max(STEP_MIN, (speed * (1 - CUT)) / RECOVERY_SECONDS);
    this.speedMax = Math.max(PER_SECOND_MIN, speed * CUT);
    this.tokens = Math.min(this.tokens, this.burst());
    this.window = Math.max(1, this.window * CUT);
    this.cutAt = now;
    this.cuts += 1;
  }

  private refill(): void {
    const now = this.options.now();
    const seconds = (now - this.tokensAt) / 1_000;
    this.tokensAt = now;
    this.tokens = Math.min(this.burst(), this.tokens + this.speedMax * seconds);
  }

  private burst(): number {
    return Math.max(1, this.speedMax * BURST_SECONDS);
  }

  private speedNow(now: number): number {
    return this.speed * Math.exp(-(now - this.speedAt) / SPEED_MS);
  }

  private backOff(): number {
    const longest = Math.min(REST_MAX_MS, REST_FIRST_MS * 2 ** (this.cuts - 1));
    return longest * (0.5 + this.options.random() / 2);
  }

  private asked(milliseconds: number): number {
    return Math.min(REST_ASKED_MAX_MS, milliseconds) * (1 + this.options.random() * REST_ASKED_JITTER);
  }

  private restFor(milliseconds: number, now: number): void {
    this.restUntil = Math.max(this.restUntil, now + milliseconds);
  }
}
