import { spendableBalance } from './entries';
import type { LedgerTransaction } from './envelope';
import { type Outcome } from './results';
import { plain, refusalOf, type ValidityContext } from './validity';

/** A queued one gives way only to a fee bump with at least this many times its fee rate. */
const REPLACEMENT_FACTOR = 10n;
/** The queue holds this many ledgers' worth of operations. */
const QUEUE_LEDGERS = 2;
/** After so many ledgers without being included a ledger transaction is dropped … */
const LEDGERS_IN_QUEUE = 4;
/** … and its hash is refused for this many ledgers. */
const LEDGERS_BANNED = 10;

export interface Pending {
  readonly transaction: LedgerTransaction;
  /** Ledgers closed since it came. */
  age: number;
  /** By a fault: not to be included before this ledger, and not ageing until then. */
  heldUntil: number;
  /** By a fault: never to be included, but ageing as ever. */
  withheld: boolean;
}

export type Admission =
  | { readonly status: 'PENDING' | 'DUPLICATE' | 'TRY_AGAIN_LATER' }
  | { readonly status: 'ERROR'; readonly outcome: Outcome };

/** Compares fee rates without dividing: positive when `a` pays more for each operation. */
export function compareRates(a: LedgerTransaction, b: LedgerTransaction): number {
  const left = a.feeBid * BigInt(b.weight);
  const right = b.feeBid * BigInt(a.weight);
  if (left === right) return 0;
  return left > right ? 1 : -1;
}

const insufficientFee = (feeCharged: bigint): Admission => ({
  status: 'ERROR',
  outcome: { successful: false, feeCharged, verdict: plain('txInsufficientFee'), innerFee: null },
});

const TRY_AGAIN_LATER: Admission = { status: 'TRY_AGAIN_LATER' };

/** A node's queue of what waits for a ledger: one for each source of sequence numbers. */
export class TransactionQueue {
  private readonly bySource = new Map<string, Pending>();
  private readonly feesBySource = new Map<string, bigint>();
  private bans: Set<string>[] = [new Set()];
  private weight = 0;

  get size(): number {
    return this.bySource.size;
  }

  get operations(): number {
    return this.weight;
  }

  *pending(): Generator<Pending> {
    yield* this.bySource.values();
  }

  submit(
    transaction: LedgerTransaction,
    context: ValidityContext & { readonly capacity: number },
  ): Admission {
    if (this.isBanned(transaction.hashHex)) return TRY_AGAIN_LATER;
    const current = this.bySource.get(transaction.inner.source.account);
    if (current !== undefined) {
      const obstacle = obstacleToReplacing(current.transaction, transaction);
      if (obstacle !== null) return obstacle;
    }
    const evicted = this.roomFor(transaction, current, context.capacity);
    if (typeof evicted === 'bigint') {
      this.ban([transaction.hashHex]);
      return insufficientFee(evicted);
    }
    const outcome = refusalOf(transaction, context);
    if (outcome !== null) return { status: 'ERROR', outcome };
    if (!this.canPayAll(transaction, current, context))
      return { status: 'ERROR', outcome: cannotPay(transaction, context) };
    for (const { transaction: loser } of evicted) {
      this.remove(loser);
      this.ban([loser.hashHex]);
    }
    if (current !== undefined) this.remove(current.transaction);
    this.add({ transaction, age: 0, heldUntil: 0, withheld: false });
    return { status: 'PENDING' };
  }

  /** The pending one with this hash, outer or inner. */
  find(hashHex: string): Pending | undefined {
    for (const pending of this.bySource.values()) {
      const { transaction } = pending;
      if (transaction.hashHex === hashHex || transaction.inner.hashHex === hashHex) return pending;
    }
    return undefined;
  }

  remove(transaction: LedgerTransaction): void {
    const source = transaction.inner.source.account;
    if (this.bySource.get(source)?.transaction !== transaction) return;
    this.bySource.delete(source);
    this.weight -= transaction.weight;
    const payer = transaction.feeSource.account;
    const left = (this.feesBySource.get(payer) ?? 0n) - transaction.feeBid;
    if (left > 0n) this.feesBySource.set(payer, left);
    else this.feesBySource.delete(payer);
  }

  ban(hashes: Iterable<string>): void {
    for (const hash of hashes) this.bans[0]?.add(hash);
  }

  /** After a ledger: what was applied leaves, the rest grows older and in the end is dropped. */
  ledgerClosed(applied: readonly LedgerTransaction[], sequence: number): void {
    this.ban(applied.map(({ hashHex }) => hashHex));
    for (const transaction of applied) this.remove(transaction);
    this.bans = [new Set<string>(), ...this.bans].slice(0, LEDGERS_BANNED);
    const dropped: LedgerTransaction[] = [];
    for (const pending of this.bySource.values()) {
      if (pending.heldUntil > sequence) continue;
      pending.age += 1;
      if (pending.age >= LEDGERS_IN_QUEUE) dropped.push(pending.transaction);
    }
    for (const transaction of dropped) this.remove(transaction);
    this.ban(dropped.map(({ hashHex }) => hashHex));
  }

  private isBanned(hash: string): boolean {
    return this.bans.some((hashes) => hashes.has(hash));
  }

  private add(pending: Pending): void {
    const { transaction } = pending;
    const payer = transaction.feeSource.account;
    this.bySource.set(transaction.inner.source.account, pending);
    this.feesBySource.set(payer, (this.feesBySource.get(payer) ?? 0n) + transaction.feeBid);
    this.weight += transaction.weight;
  }

  /** Which ones have to go so that this one fits, or the fee that would be enough to push one out. */
  private roomFor(
    transaction: LedgerTransaction,
    current: Pending | undefined,
    capacity: number,
  ): readonly Pending[] | bigint {
    let over =
      this.weight - (current?.transaction.weight ?? 0) + transaction.weight - capacity * QUEUE_LEDGERS;
    if (over <= 0) return [];
    const cheapestFirst = [...this.bySource.values()]
      .filter((pending) => pending !== current)
      .sort((a, b) => compareRates(a.transaction, b.transaction));
    const evicted: Pending[] = [];
    for (const pending of cheapestFirst) {
      const loser = pending.transaction;
      if (compareRates(transaction, loser) <= 0) {
        return (loser.feeBid * BigInt(transaction.weight)) / BigInt(loser.weight) + 1n;
      }
      evicted.push(pending);
      over -= loser.weight;
      if (over <= 0) return evicted;
    }
    return evicted;
  }

  /** Whether the fee's payer can pay all that it has bid for in this queue. */
  private canPayAll(
    transaction: LedgerTransaction,
    current: Pending | undefined,
    context: ValidityContext,
  ): boolean {
    const id = transaction.feeSource.account;
    const payer = context.state.accounts.get(id);
    if (payer === undefined) return false;
    const replaced = current?.transaction.feeSource.account === id ? current.transaction.feeBid : 0n;
    const bids = (this.feesBySource.get(id) ?? 0n) - replaced + transaction.feeBid;
    return spendableBalance(payer, context.ledger.baseReserve, context.state) >= bids;
  }
}

function cannotPay(transaction: LedgerTransaction, context: ValidityContext): Outcome {
  const feeCharged = context.baseFee * BigInt(Math.max(1, transaction.weight));
  return { successful: false, feeCharged, verdict: plain('txInsufficientBalance'), innerFee: null };
}

function isDuplicate(pending: LedgerTransaction, next: LedgerTransaction): boolean {
  if (pending.hashHex === next.hashHex) return true;
  return next.bump === null && pending.inner.hashHex === next.hashHex;
}

function obstacleToReplacing(pending: LedgerTransaction, next: LedgerTransaction): Admission | null {
  if (isDuplicate(pending, next)) return { status: 'DUPLICATE' };
  if (next.bump === null || next.inner.sequence !== pending.inner.sequence) return TRY_AGAIN_LATER;
  const [nextWeight, weight] = [BigInt(next.weight), BigInt(pending.weight)];
  const needed = (pending.feeBid * REPLACEMENT_FACTOR * nextWeight + weight - 1n) / weight;
  return next.feeBid < needed ? insufficientFee(needed) : null;
}
