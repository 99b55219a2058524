import { decodeEnvelope, type LedgerTransaction } from '../engine/envelope';
import type { LedgerHeader } from '../engine/ledger-header';
import { LedgerState, type StateChanges } from '../engine/ledger-state';
import type { ClosedLedger, ClosedTransaction } from '../engine/network';
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
  private readonly lists = new Map<string, number[]>();

  of(key: string): readonly number[] {
    return this.lists.get(key) ?? [];
  }

  has(key: string): boolean {
    return this.lists.has(key);
  }

  add(key: string, value: number): void {
    const list = this.lists.get(key);
    if (list === undefined) this.lists.set(key, [value]);
    else if (list.at(-1) !== value) list.push(value);
  }
}

/**
 * What the network's API has read: closed ledgers, one after the other, possibly some behind the core. Answers
 * come from here only, so they always belong to one ledger.
 */
export class History {
  readonly ledgers: LedgerRecord[] = [];
  readonly transactions: TransactionRecord[] = [];
  readonly operations: OperationRef[] = [];
  readonly payments: OperationRef[] = [];
  readonly transactionsOf = new Lists();
  readonly operationsOf = new Lists();
  readonly paymentsOf = new Lists();
  readonly linesOf = new Map<string, Set<string>>();
  readonly dataOf = new Map<string, Set<string>>();
  private readonly byHash = new Map<string, number>();
  /** The operations of one ledger transaction are asked for one after the other. */
  private decoded:
    { readonly record: TransactionRecord; readonly transaction: LedgerTransaction } | undefined;

  constructor(
    private readonly networkId: Buffer,
    readonly state: LedgerState,
    genesis: LedgerHeader,
  ) {
    this.indexState({ accounts: new Map(), lines: state.lines.entries, data: state.data.entries });
    this.ledgers.push({
      header: genesis,
      successful: 0,
      failed: 0,
      operations: 0,
      setOperations: 0,
      firstAt: 0,
    });
  }

  get latest(): LedgerRecord {
    const record = this.ledgers.at(-1);
    if (record === undefined) throw new Error('a history has its first ledger from the start');
    return record;
  }

  get latestSequence(): number {
    return this.latest.header.sequence;
  }

  ledger(sequence: number): LedgerRecord | undefined {
    const first = this.ledgers[0];
    return first === undefined ? undefined : this.ledgers[sequence - first.header.sequence];
  }

  find(hash: string): TransactionRecord | undefined {
    const at = this.byHash.get(hash);
    return at === undefined ? undefined : this.transactions[at];
  }

  decode(record: TransactionRecord): LedgerTransaction {
    if (this.decoded?.record === record) return this.decoded.transaction;
    const transaction = decodeEnvelope(record.envelope, this.networkId);
    if (transaction === null) throw new Error(`the stored envelope of ${record.hash} is not readable`);
    this.decoded = { record, transaction };
    return transaction;
  }

  ingest(closed: ClosedLedger): void {
    this.addRecords(closed);
    this.state.apply(closed.changes);
    this.indexState(closed.changes);
  }

  private addRecords({ header, transactions }: ClosedLedger): void {
    const firstAt = this.transactions.length;
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
    const at = this.transactions.length;
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
