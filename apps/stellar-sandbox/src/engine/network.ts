import { createHash } from 'node:crypto';

import { applyTransaction, chargeFee } from './application';
import { decodeBase64Envelope, type LedgerTransaction, networkIdOf } from './envelope';
import type { Genesis } from './genesis';
import { type LedgerHeader, sealHeader } from './ledger-header';
import { drawn } from './draw';
import { Draft, type LedgerState, type StateChanges } from './ledger-state';
import type { LedgerBeingMade } from './operations/operation-rule';
import { resultXdr } from './results';
import { type Admission, TransactionQueue } from './transaction-queue';
import { chooseSet } from './transaction-set';
import { plain, type ValidityContext } from './validity';

/** A ledger transaction that is in a ledger, successful or not. */
export interface ClosedTransaction {
  readonly transaction: LedgerTransaction;
  readonly successful: boolean;
  /** In stroops. */
  readonly feeCharged: bigint;
  /** Base64. */
  readonly resultXdr: string;
}

export interface ClosedLedger {
  readonly header: LedgerHeader;
  /** In the order in which they were applied. */
  readonly transactions: readonly ClosedTransaction[];
  readonly changes: StateChanges;
}

export interface CloseTimes {
  /** Unix seconds of the ledger that would close now. */
  readonly now: number;
  /** Bounds must reach at least this far (Unix seconds) to be taken in. */
  readonly latest: number;
}

/** Knobs that tests turn; ordinary networks leave them alone. */
export interface Pressure {
  /** Nothing that bids less than this for an operation gets into a ledger; in stroops. */
  leastRate: bigint;
  /** Operations that fit into the ledgers to come; null leaves it as it is. */
  capacity: number | null;
  /** The core neither answers nor closes ledgers. */
  hung: boolean;
}

/** The network's core: its newest state, its queue, and the rules that turn one ledger into the next. */
export class Network {
  readonly queue = new TransactionQueue();
  readonly pressure: Pressure = { leastRate: 0n, capacity: null, hung: false };
  readonly networkId: Buffer;
  private latest: LedgerHeader;

  constructor(
    passphrase: string,
    private readonly entries: LedgerState,
    header: LedgerHeader,
  ) {
    this.networkId = networkIdOf(passphrase);
    this.latest = header;
  }

  static start(passphrase: string, genesis: Genesis): Network {
    return new Network(passphrase, genesis.state, genesis.header);
  }

  get header(): LedgerHeader {
    return this.latest;
  }

  get capacity(): number {
    return this.pressure.capacity ?? this.latest.capacity;
  }

  get state(): LedgerState {
    return this.entries;
  }

  decode(base64: string): LedgerTransaction | null {
    return decodeBase64Envelope(base64, this.networkId);
  }

  submit(transaction: LedgerTransaction, times: CloseTimes): Admission {
    const { leastRate } = this.pressure;
    const least = leastRate * BigInt(transaction.weight);
    if (transaction.feeBid < least && leastRate > this.latest.baseFee) {
      const verdict = plain('txInsufficientFee');
      return {
        status: 'ERROR',
        outcome: { successful: false, feeCharged: least, verdict, innerFee: null },
      };
    }
    const { capacity } = this;
    return this.queue.submit(transaction, { ...this.validity(times.now, times.latest), capacity });
  }

  /** Closes the next ledger with what the queue offers. */
  close(closeTime: number): ClosedLedger {
    const context = this.validity(closeTime, closeTime);
    const { capacity } = this;
    const { leastRate } = this.pressure;
    const set = chooseSet({
      pending: this.queue.pending(),
      context,
      capacity,
      leastRate,
      previousHash: this.latest.hash,
    });
    const draft = new Draft(this.entries);
    const application = { ledger: context.ledger, draft, effectiveFee: set.effectiveFee };
    // The order of application is nobody's choice either.
    const ordered = drawn(set.chosen, this.latest.hash);
    const fees = ordered.map((transaction) => chargeFee(transaction, application));
    const transactions = ordered.map((transaction, index) => {
      const feeCharged = fees[index] ?? 0n;
      const outcome = applyTransaction(transaction, application, feeCharged);
      const { successful } = outcome;
      return { transaction, successful, feeCharged, resultXdr: resultXdr(outcome, transaction) };
    });
    const changes = draft.changes();
    const feePool = fees.reduce((sum, fee) => sum + fee, this.latest.feePool);
    const header = this.nextHeader(context.ledger, transactions, feePool);
    this.entries.apply(changes);
    this.latest = header;
    for (const transaction of set.invalid) this.queue.remove(transaction);
    this.queue.ban(set.invalid.map(({ hashHex }) => hashHex));
    this.queue.ledgerClosed(ordered, header.sequence);
    return { header, transactions, changes };
  }

  /** Goes on from a ledger that was closed by another process. */
  restore({ changes, header }: ClosedLedger): void {
    this.entries.apply(changes);
    this.latest = header;
  }

  private validity(closeTime: number, latestCloseTime: number): ValidityContext {
    const { baseFee, baseReserve, sequence } = this.latest;
    const ledger = { sequence: sequence + 1, closeTime, baseReserve };
    return { state: this.entries, ledger, latestCloseTime, baseFee };
  }

  private nextHeader(
    ledger: LedgerBeingMade,
    transactions: readonly ClosedTransaction[],
    feePool: bigint,
  ): LedgerHeader {
    const { capacity } = this;
    const { baseFee, baseReserve, hash, totalCoins } = this.latest;
    const set = createHash('sha256').update(hash, 'hex');
    const results = createHash('sha256');
    for (const one of transactions) {
      set.update(one.transaction.hash);
      results.update(one.transaction.hash).update(one.resultXdr);
    }
    const resultsHash = results.digest();
    const stateHash = createHash('sha256').update(hash, 'hex').update(resultsHash).digest();
    return sealHeader({
      ...{ sequence: ledger.sequence, previousHash: hash, closeTime: ledger.closeTime, totalCoins, feePool },
      ...{ baseFee, baseReserve, capacity, setHash: set.digest(), resultsHash, stateHash },
    });
  }
}
