import crypto from 'node:crypto';

import type { SeededRandom } from './seeded-random';

const MILLISECONDS_BYTES = 6;

/**
 * The time and the ids of a run. While it is installed, `performance.now`, `Date.now` and the makers of ids answer from the
 * seed, so that the code under test needs no seam for it and a run can be repeated exactly.
 */
export class SimulatedTime {
  private readonly startedAt: number;
  private milliseconds: number;
  private idsMade = 0;

  constructor(
    startedAt: Date,
    private readonly random: SeededRandom,
  ) {
    this.startedAt = startedAt.getTime();
    this.milliseconds = this.startedAt;
  }

  advance(milliseconds: number): void {
    this.milliseconds += milliseconds;
  }

  /** A UUIDv7 whose time is the run's, and which sorts after every one made before. */
  newId(): string {
    this.idsMade += 1;
    const bytes = Buffer.from(this.random.bytes(16));
    bytes.writeUIntBE(this.milliseconds + this.idsMade, 0, MILLISECONDS_BYTES);
    bytes.writeUInt8(0x70 | ((bytes[6] ?? 0) & 0x0f), 6);
    bytes.writeUInt8(0x80 | ((bytes[8] ?? 0) & 0x3f), 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** Takes over; the returned function gives everything back. */
  install(): () => void {
    const before = { now: Date.now, randomUUIDv7: crypto.randomUUIDv7, monotonic: performance.now };
    Date.now = () => this.milliseconds;
    performance.now = () => this.milliseconds - this.startedAt;
    Object.assign(crypto, { randomUUIDv7: () => this.newId() });
    return () => {
      Date.now = before.now;
      performance.now = before.monotonic;
      Object.assign(crypto, { randomUUIDv7: before.randomUUIDv7 });
    };
  }
}
