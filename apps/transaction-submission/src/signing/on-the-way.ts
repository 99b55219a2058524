import type { NewAttempt, OwnedChannel } from '@libs/submissions';

/** Of an attempt that this process did not sign: the most that it can have. */
const UNKNOWN_OPERATIONS = 101;

/** What is on its way to the ledger now. */
export interface InFlight {
  readonly operations: number;
  /** Envelopes by tenant. */
  readonly byTenant: ReadonlyMap<string, number>;
}

/** Remembers how many operations each live attempt has, its fee bump counted as one. */
export class OnTheWay {
  private sizes: ReadonlyMap<string, number> = new Map();

  add(attempts: readonly NewAttempt[]): void {
    const added = attempts.map((one): [string, number] => [one.id, sizeOf(one)]);
    this.sizes = new Map([...this.sizes, ...added]);
  }

  /** Counts what these channel accounts carry, and forgets what none of them does. */
  count(owned: readonly OwnedChannel[]): InFlight {
    const byTenant = new Map<string, number>();
    const live = new Map<string, number>();
    for (const { liveTenant, liveAttempt } of owned) {
      if (liveTenant === null || liveAttempt === null) continue;
      byTenant.set(liveTenant, (byTenant.get(liveTenant) ?? 0) + 1);
      live.set(liveAttempt, this.sizes.get(liveAttempt) ?? UNKNOWN_OPERATIONS);
    }
    this.sizes = live;
    return { byTenant, operations: [...live.values()].reduce((sum, one) => sum + one, 0) };
  }
}

export const sizeOf = ({ submissionIds }: NewAttempt): number => submissionIds.length + 1;
