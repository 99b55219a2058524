import { decodeEnvelope, type LedgerTransaction } from '../engine/envelope';
import type { LedgerHeader } from '../engine/ledger-header';
import { LedgerState, type StateChanges } from '../engine/ledger-state';
import type { ClosedLedger, ClosedTransaction } from '../engine/network';
import { dropBelow, Window } from './window';
import { isPayment, participantsOf } from './participants';

export interface LedgerRecord {
  readonly header: LedgerHeader;
  readonly successful: number;
  readonly failed: number;
  /** Of successful ledger transactions. */
  readonly operations: number;
  /** Of all of them. */
  readonly setOperations: number;
  /** Where its ledger transactions begin in the history. */
  readonly firstAt: number;
}

export interface TransactionRecord {
  readonly ledger: number;
  /** From 1, in the order of application. */
  readonly order: number;
  readonly hash: string;
  readonly innerHash: string | null;
  readonly envelope: Buffer;
  readonly resultXdr: string;
  readonly successful: boolean;
  readonly feeCharged: bigint;
  readonly feeBid: bigint;
  readonly weight: number;
}

/** One operation of the history: its ledger transaction's index and its own, in one number. */
export type OperationRef = number;

const OPERATIONS_PER_TRANSACTION = 128;

export const refOf = (transaction: number, operation: number): OperationRef =>
  transaction * OPERATIONS_PER_TRANSACTION + operation;

export const transactionOfRef = (ref: OperationRef): number => Math.floor(ref / OPERATIONS_PER_TRANSACTION);
export const operationOfRef = (ref: OperationRef): number => ref % OPERATIONS_PER_TRANSACTION;

class Lists {
  private readonly lists = new Map<string, Window<number>>();

  of(key: string): Window<number> {
    return this.lists.get(key) ?? new Window<number>();
  }

  has(key: string): boolean {
    return this.lists.has(key);
  }

  add(key: string, value: number): void {
    let list = this.lists.get(key);
    if (list === undefined) {
      list = new Window();
      this.lists.set(key, list);
    }
    if (list.last() !== value) list.push(value);
  }

  dropBelow(limit: number): void {
    for (const list of this.lists.values()) dropBelow(list, limit);
  }
}

/**
 * What the network's API has read: closed ledgers, one after the other, possibly some behind the core. Answers
 * come from here only, so they always belong to one ledger.
 */
export class History {
  /** By sequence number. */
  readonly ledgers: Window<LedgerRecord>;
  readonly transactions = new Window<TransactionRecord>();
  readonly operations = new Window<OperationRef>();
  readonly payments = new Window<OperationRef>();
  readonly transactionsOf = new Lists();
  readonly operationsOf = new Lists();
  readonly paymentsOf = new Lists();
  readonly linesOf = new Map<string, Set<string>>();
  readonly dataOf = new Map<string, Set<string>>();
  private readonly byHash = new Map<string, number>();
  /** The operations of one ledger transaction are asked for one after the other. */
  private decoded:
    { readonly record: TransactionRecord; readonly transaction: LedgerTransaction } | undefined;

  /** @param state what the ledger before the first one held; the history goes on changing it */
  constructor(
    private readonly networkId: Buffer,
    readonly state: LedgerState,
    firstSequence: number,
  ) {
    this.ledgers = new Window(firstSequence);
    this.indexState({ accounts: new Map(), lines: state.lines.entries, data: state.data.entries });
  }

  get latest(): LedgerRecord {
    const record = this.ledgers.last();
    if (record === undefined) throw new Error('a history is read only after its first ledger');
    return record;
  }

  get latestSequence(): number {
    return this.latest.header.sequence;
  }

  ledger(sequence: number): LedgerRecord | undefined {
    return this.ledgers.at(sequence);
  }

  find(hash: string): TransactionRecord | undefined {
    const at = this.byHash.get(hash);
    return at === undefined ? undefined : this.transactions.at(at);
  }

  decode(record: TransactionRecord): LedgerTransaction {
    if (this.decoded?.record === record) return this.decoded.transaction;
    const transaction = decodeEnvelope(record.envelope, this.networkId);
    if (transaction === null) throw new Error(`the stored envelope of ${record.hash} is not readable`);
    this.decoded = { record, transaction };
    return transaction;
  }

  ingest(closed: ClosedLedger): void {
    this.remember(closed);
    this.state.apply(closed.changes);
    this.indexState(closed.changes);
  }

  /** Forgets the oldest ledgers until no more than this is left. What they did stays. */
  keep(most: { readonly ledgers: number; readonly transactions: number }): void {
    const latest = this.latestSequence;
    const oldest = this.transactions.end - most.transactions;
    let first = Math.max(this.ledgers.first, latest - most.ledgers + 1);
    while (first < latest && (this.ledgers.at(first)?.firstAt ?? oldest) < oldest) first += 1;
    if (first > this.ledgers.first) this.forgetBefore(first);
  }

  private forgetBefore(sequence: number): void {
    const kept = this.ledgers.at(sequence);
    if (kept === undefined) return;
    this.ledgers.dropBefore(sequence);
    for (const record of this.transactions.dropBefore(kept.firstAt)) {
      this.byHash.delete(record.hash);
      if (record.innerHash !== null) this.byHash.delete(record.innerHash);
    }
    const limit = refOf(kept.firstAt, 0);
    dropBelow(this.operations, limit);
    dropBelow(this.payments, limit);
    this.transactionsOf.dropBelow(kept.firstAt);
    this.operationsOf.dropBelow(limit);
    this.paymentsOf.dropBelow(limit);
  }

  /** Takes a ledger into the lists alone: the state has it already. */
  remember({ header, transactions }: ClosedLedger): void {
    const firstAt = this.transactions.end;
    const counts = { successful: 0, failed: 0, operations: 0, setOperations: 0 };
    transactions.forEach((one, index) => {
      const size = one.transaction.inner.operations.length;
      counts.setOperations += size;
      if (one.successful) {
        counts.successful += 1;
        counts.operations += size;
      } else counts.failed += 1;
      this.addTransaction(one, header.sequence, index + 1);
    });
    this.ledgers.push({ header, ...counts, firstAt });
  }

  private addTransaction(closed: ClosedTransaction, ledger: number, order: number): void {
    const { feeCharged, resultXdr, successful, transaction } = closed;
    const at = this.transactions.end;
    const innerHash = transaction.bump === null ? null : transaction.inner.hashHex;
    this.transactions.push({
      ...{ ledger, order, hash: transaction.hashHex, innerHash, envelope: transaction.raw, resultXdr },
      ...{ successful, feeCharged, feeBid: transaction.feeBid, weight: transaction.weight },
    });
    this.byHash.set(transaction.hashHex, at);
    if (innerHash !== null) this.byHash.set(innerHash, at);
    this.transactionsOf.add(transaction.inner.source.account, at);
    this.transactionsOf.add(transaction.feeSource.account, at);
    transaction.inner.operations.forEach((operation, index) => {
      const ref = refOf(at, index);
      const pays = isPayment(operation.body);
      this.operations.push(ref);
      if (pays) this.payments.push(ref);
      for (const account of participantsOf(operation)) {
        this.transactionsOf.add(account, at);
        this.operationsOf.add(account, ref);
        if (pays) this.paymentsOf.add(account, ref);
      }
    });
  }

  private indexState(changes: StateChanges): void {
    for (const [key, line] of changes.lines) index(this.linesOf, key, line !== null);
    for (const [key, entry] of changes.data) index(this.dataOf, key, entry !== null);
  }
}

/** Keys begin with the account that the entry belongs to. */
function index(byAccount: Map<string, Set<string>>, key: string, present: boolean): void {
  const account = key.slice(0, key.indexOf(':'));
  const keys = byAccount.get(account);
  if (!present) keys?.delete(key);
  else if (keys === undefined) byAccount.set(account, new Set([key]));
  else keys.add(key);
}
