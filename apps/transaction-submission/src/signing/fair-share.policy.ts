export interface Claimant {
  readonly tenantId: string;
  /** Envelopes that are on their way already. */
  readonly busy: number;
  /** The most that may be on their way at once. */
  readonly limit: number;
}

/**
 * Shares free places among tenants so that what each has on its way, with what it gets now, is as even as it can be: whoever
 * has least goes first. One with a hundred thousand payments gets what nobody else wants.
 *
 * The claimants' order decides who gets the places that cannot be divided. Tenants without any are left out.
 */
export function fairShares(claimants: readonly Claimant[], places: number): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  const open = claimants
    .map((one) => ({ ...one, given: 0 }))
    .filter(({ busy, limit }) => busy < limit)
    .sort((one, other) => one.busy - other.busy);
  for (let left = places; left > 0; left -= 1) {
    let least: (typeof open)[number] | null = null;
    for (const one of open) {
      if (one.busy + one.given >= one.limit) continue;
      if (least === null || one.busy + one.given < least.busy + least.given) least = one;
    }
    if (least === null) break;
    least.given += 1;
    shares.set(least.tenantId, least.given);
  }
  return shares;
}

/** Of how many ledgers' worth of operations those of bulk may wait for a ledger at once. A node queues two. */
const BULK_TENTHS_OF_LEDGER = 18;
const ALL_TENTHS_OF_LEDGER = 20;

/** Of one envelope with its fee bump. */
const OPERATIONS_MAX = 101;

export interface Window {
  /** Operations that may be on their way. */
  readonly bulk: number;
  /** The same with the first envelopes of tenants that have nothing on their way. */
  readonly all: number;
}

/**
 * What a node would not queue is refused for the next ledgers; what waits here instead can still be withdrawn and does not
 * stand in the way of others.
 */
export const windowOf = (maxOperations: number): Window => ({
  bulk: Math.floor((maxOperations * BULK_TENTHS_OF_LEDGER) / 10),
  all: Math.floor((maxOperations * ALL_TENTHS_OF_LEDGER) / 10),
});

/** How many operations a tenant may add: where others have filled the window, a newcomer still gets one envelope in. */
export function roomFor(isNewcomer: boolean, operations: number, { bulk, all }: Window): number {
  const room = bulk - operations;
  return isNewcomer ? Math.max(room, Math.min(all - operations, OPERATIONS_MAX)) : room;
}

/** The largest envelope that a ledger can hold: the fee bump counts as one more operation. */
export const largestEnvelope = (wanted: number, maxOperations: number): number =>
  Math.max(1, Math.min(wanted, maxOperations - 1));
