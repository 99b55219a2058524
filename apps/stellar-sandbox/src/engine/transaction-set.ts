import { drawn } from './draw';
import { spendableBalance } from './entries';
import type { LedgerTransaction } from './envelope';
import { compareRates, type Pending } from './transaction-queue';
import { refusalOf, type ValidityContext } from './validity';

/** The largest number of operations in one ledger transaction. */
const OPERATIONS_MAX = 100;

export interface TransactionSet {
  readonly chosen: readonly LedgerTransaction[];
  /** No longer valid: bounds passed, sequence used, funds gone. */
  readonly invalid: readonly LedgerTransaction[];
  /** What an operation costs in this ledger, in stroops. */
  readonly effectiveFee: bigint;
}

interface Choice {
  readonly pending: Iterable<Pending>;
  readonly context: ValidityContext;
  /** Operations that fit into one ledger. */
  readonly capacity: number;
  /** By a fault: nothing that bids less for an operation gets in. */
  readonly leastRate: bigint;
  /** Hex. */
  readonly previousHash: string;
}

const ratePerOperation = ({ feeBid, weight }: LedgerTransaction): bigint =>
  feeBid / BigInt(Math.max(1, weight));

/** Valid ones, as long as the payer of their fees can pay all of them. */
function partition(choice: Choice): { valid: LedgerTransaction[]; invalid: LedgerTransaction[] } {
  const { context } = choice;
  const valid: LedgerTransaction[] = [];
  const invalid: LedgerTransaction[] = [];
  const owed = new Map<string, bigint>();
  for (const { heldUntil, transaction, withheld } of choice.pending) {
    if (withheld || heldUntil > context.ledger.sequence) continue;
    const payer = context.state.accounts.get(transaction.feeSource.account);
    const bids = (owed.get(transaction.feeSource.account) ?? 0n) + transaction.feeBid;
    const canPay =
      payer !== undefined && spendableBalance(payer, context.ledger.baseReserve, context.state) >= bids;
    if (!canPay || refusalOf(transaction, context) !== null) invalid.push(transaction);
    else {
      owed.set(transaction.feeSource.account, bids);
      valid.push(transaction);
    }
  }
  return { valid, invalid };
}

/**
 * Chooses what goes into the next ledger: the highest fee rates first, and among equal ones those that this ledger's
 * draw puts first, so that none waits for ever behind its like. When the ledger is nearly full, all pay the rate of the
 * lowest one that got in; otherwise all pay the base fee, whatever they bid.
 */
export function chooseSet(choice: Choice): TransactionSet {
  const { capacity, context, leastRate, previousHash } = choice;
  const { invalid, valid } = partition(choice);
  const chosen: LedgerTransaction[] = [];
  let operations = 0;
  for (const transaction of drawn(valid, previousHash).sort((a, b) => compareRates(b, a))) {
    if (ratePerOperation(transaction) < leastRate) continue;
    if (operations + transaction.weight > capacity) continue;
    operations += transaction.weight;
    chosen.push(transaction);
  }
  const floor = leastRate > context.baseFee ? leastRate : context.baseFee;
  const last = chosen.at(-1);
  const isFull = operations > Math.max(0, capacity - OPERATIONS_MAX);
  const lowest = isFull && last !== undefined ? ratePerOperation(last) : floor;
  return { chosen, invalid, effectiveFee: lowest > floor ? lowest : floor };
}
