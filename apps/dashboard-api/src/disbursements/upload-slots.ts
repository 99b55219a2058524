import { ROWS_ANSWERED_AT_ONCE } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';

export interface SlotLimits {
  /** How many files are received at a time, of all organisations and of one. */
  readonly receiving: number;
  readonly receivingOfOne: number;
  /** How many uploads hold a database connection at a time; and large ones among them. */
  readonly working: number;
  readonly workingLarge: number;
  /** How many files are read while they come: each holds some megabytes until its upload has ended. */
  readonly readingEarly: number;
}

/** Who wants to work, and what others must not wait for. */
interface Worker {
  readonly tenantId: string;
  readonly isLarge: boolean;
  /** Works while the file comes, for as long as its sender takes. */
  readonly waitsForSender?: boolean;
}

interface Waiting extends Worker {
  readonly start: () => void;
}

const RETRY_AFTER_SECONDS = 10;
/** From this size on it takes as long as others must not wait for; it may be fewer rows with long cells, where nobody counted them. */
const LARGE_BYTES = 1_000_000;
const LARGE_BYTES_OF_FEW_ROWS = 5_000_000;
/** More than a file has that somebody waits for, unless its cells are long. */
const READ_EARLY_BYTES_MAX = 2_000_000;

/** `lines`, with that of the names of the columns, where they were counted. */
export function isLargeFile(bytes: number, lines: number | null = null): boolean {
  if (lines === null) return bytes >= LARGE_BYTES;
  return lines > ROWS_ANSWERED_AT_ONCE + 1 || bytes >= LARGE_BYTES_OF_FEW_ROWS;
}

/**
 * Bounds what uploads take of this process: how many are received at a time, and how many hold a database connection. Small
 * files do not wait for large ones, nor for slow senders, as long as there is a connection for them, and no organisation publishes
 * two large files or waits for two senders at a time.
 */
export class UploadSlots {
  private readonly receiving = new Map<string, number>();
  private received = 0;
  private readingEarly = 0;
  private working = 0;
  private readonly long = new Set<string>();
  private waiting: Waiting[] = [];

  constructor(private readonly limits: SlotLimits) {}

  /** From the first byte of a file until it is worked off; call what it returns then. Throws a 503 when there is no room. */
  enter(tenantId: string): () => void {
    const ofOne = this.receiving.get(tenantId) ?? 0;
    if (this.received >= this.limits.receiving || ofOne >= this.limits.receivingOfOne) {
      const error = 'Too many files are being uploaded at this moment. Try again in some seconds.';
      throw new HttpProblem(503, { error }, RETRY_AFTER_SECONDS);
    }
    this.received += 1;
    this.receiving.set(tenantId, ofOne + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.received -= 1;
      const left = (this.receiving.get(tenantId) ?? 1) - 1;
      if (left === 0) this.receiving.delete(tenantId);
      else this.receiving.set(tenantId, left);
    };
  }

  /** A place to read a file of so many bytes while it comes; call what it returns when nothing of it is held. Null: there is none. */
  readEarly(bytes: number): (() => void) | null {
    if (!(bytes <= READ_EARLY_BYTES_MAX) || this.readingEarly >= this.limits.readingEarly) return null;
    this.readingEarly += 1;
    let isIn = true;
    return () => {
      if (isIn) this.readingEarly -= 1;
      isIn = false;
    };
  }

  /** Does the work as soon as there is a place, in the order of the calls as far as that lets nobody wait needlessly. */
  async work<T>(who: Worker, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.waiting.push({ ...who, start });
      this.startNext();
    });
    try {
      return await work();
    } finally {
      this.working -= 1;
      const key = longKeyOf(who);
      if (key !== null) this.long.delete(key);
      this.startNext();
    }
  }

  private startNext(): void {
    for (;;) {
      const next = this.waiting.find((one) => this.hasPlaceFor(one));
      if (next === undefined) return;
      this.waiting = this.waiting.filter((one) => one !== next);
      this.working += 1;
      const key = longKeyOf(next);
      if (key !== null) this.long.add(key);
      next.start();
    }
  }

  private hasPlaceFor(who: Waiting): boolean {
    if (this.working >= this.limits.working) return false;
    const key = longKeyOf(who);
    return key === null || (this.long.size < this.limits.workingLarge && !this.long.has(key));
  }
}

/** Of what takes long there is one of a key at a time; null for what does not. */
function longKeyOf({ tenantId, isLarge, waitsForSender = false }: Worker): string | null {
  if (waitsForSender) return `sender of ${tenantId}`;
  return isLarge ? tenantId : null;
}

/** A share of the pool, so that uploads leave connections to everybody else. */
export function slotLimitsFor(connectionsMax: number): SlotLimits {
  const working = Math.max(1, Math.floor(connectionsMax / 3));
  const workingLarge = Math.max(1, working - 1);
  return { receiving: 32, receivingOfOne: 16, working, workingLarge, readingEarly: 8 };
}
