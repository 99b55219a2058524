import type { LedgerAccount } from './ledger-account';
import type { Memo } from './memo';
import type { OutflowPage, OutflowRequest } from './outflow';

/** A closed ledger. */
export interface LedgerHeader {
  readonly sequence: number;
  readonly hash: string;
  /** The hash of the ledger before: what makes two headers one history. */
  readonly previousHash: string;
  readonly closedAt: Date;
  /** In stroops: what one entry of an account locks. */
  readonly baseReserve: bigint;
  /** Of its ledger transactions, successful or not. */
  readonly transactionCount: number;
  /** How many operations fit into one ledger. */
  readonly maxOperations: number;
}

/** What the last ledgers charged, in stroops per operation. */
export interface FeeStats {
  readonly baseFee: bigint;
  /** How full the last ledgers were, from 0 to 1. */
  readonly capacityUsage: number;
  readonly chargedP90: bigint;
  readonly bidP90: bigint;
}

/** A ledger transaction in a closed ledger, successful or not. */
export interface LedgerTransaction {
  /** The hash that decides: of the inner ledger transaction when a fee bump carries it. */
  readonly innerHash: string;
  /** The hash of the envelope that was included; equal to `innerHash` without a fee bump. */
  readonly envelopeHash: string;
  readonly successful: boolean;
  readonly ledger: number;
  readonly closedAt: Date;
  readonly sourceAccount: string;
  readonly sourceSequence: bigint;
  readonly feeAccount: string;
  readonly feeCharged: bigint;
  readonly memo: Memo | null;
  readonly operationCount: number;
  /** Where it stands in the ledger; also the cursor to read on from. The ids of its operations follow it. */
  readonly pagingToken: string;
  /** The result code, and of each operation when it got so far: `tx_failed`, `['op_success', 'op_no_trust']`. */
  readonly resultCode: string;
  readonly operationCodes: readonly string[];
}

export interface TransactionPage {
  readonly transactions: readonly LedgerTransaction[];
  /** To read on from; the cursor that was asked for when the page is empty. */
  readonly cursor: string;
}

export interface PageRequest {
  /** A paging token, or `now`. Left out: from the beginning (`asc`) or the end (`desc`). */
  readonly cursor?: string;
  readonly order?: 'asc' | 'desc';
  /** At most 200. */
  readonly limit?: number;
}

export interface FollowOptions {
  /** A paging token to go on after, or `now`. */
  readonly cursor: string;
  readonly onTransaction: (transaction: LedgerTransaction) => void;
}

/** What one node answered when it was asked for its newest ledger. */
export interface NodeState {
  readonly url: string;
  readonly latest: LedgerHeader | null;
  /** Why there is no answer; null when there is one. */
  readonly problem: string | null;
}

/** A payment that an account sent or received. */
export interface LedgerPayment {
  readonly id: string;
  readonly pagingToken: string;
  readonly ledgerTransactionHash: string;
  readonly successful: boolean;
  readonly createdAt: Date;
  readonly from: string;
  readonly to: string;
  readonly assetCode: string;
  readonly assetIssuer: string;
  readonly amount: bigint;
}

export interface Deadline {
  /** For how long, in milliseconds, nodes are asked in all; each as long as it likes to take when it is left out. */
  readonly withinMs?: number;
}

/** The ledger could not be asked. An outage: what was asked may be asked again. */
export class LedgerUnreachableError extends Error {
  override readonly name = 'LedgerUnreachableError';
}

/** The ledger is another network than the settings say. Nothing may run against it. */
export class WrongNetworkError extends Error {
  override readonly name = 'WrongNetworkError';
}

/**
 * Reads the ledger. Every method throws `LedgerUnreachableError` when no node answers in time; what does not exist
 * is null, which is an answer of the ledger at that moment and evidence of nothing else.
 */
export abstract class LedgerReader {
  /** Throws `WrongNetworkError` unless each node that answers has our passphrase. */
  abstract assertNetwork(): Promise<void>;

  /** The newest ledger that any node has ingested. */
  abstract latestLedger(): Promise<LedgerHeader>;

  /** Each node's newest ledger. Never throws. */
  abstract nodes(): Promise<readonly NodeState[]>;

  abstract ledger(sequence: number): Promise<LedgerHeader | null>;

  /** `notBefore`: only a node that has ingested this ledger may answer; without one it counts as unreachable. */
  abstract account(
    address: string,
    options?: { readonly notBefore?: number } & Deadline,
  ): Promise<LedgerAccount | null>;

  abstract feeStats(options?: Deadline): Promise<FeeStats>;

  /** By inner or by envelope hash. */
  abstract transaction(hash: string): Promise<LedgerTransaction | null>;

  /** The ledger transactions that the account took part in, also as payer of the fee, also failed ones. */
  abstract transactionsOf(address: string, page: PageRequest): Promise<TransactionPage>;

  /** All ledger transactions of the network, also failed ones, in the order of the ledgers that hold them. */
  abstract transactions(page: PageRequest): Promise<TransactionPage>;

  abstract paymentsOf(address: string, page: PageRequest): Promise<readonly LedgerPayment[]>;

  /**
   * What left the account, the oldest first, ledger transaction by ledger transaction. Empty for an account that does not
   * exist.
   */
  abstract outflowsOf(address: string, page: OutflowRequest): Promise<OutflowPage>;

  /**
   * Calls `onLedger` for each ledger from now on, in order, until `signal` aborts. It reconnects by itself, so a
   * ledger may be told late; it may not be told twice.
   */
  abstract followLedgers(onLedger: (ledger: LedgerHeader) => void, signal: AbortSignal): Promise<void>;

  /**
   * Calls `onTransaction` for each ledger transaction of the network after the cursor, in order, until `signal` aborts.
   * It reconnects by itself. Whether a node left one out is for the caller to find out, by the counts of the ledgers.
   */
  abstract followTransactions(options: FollowOptions, signal: AbortSignal): Promise<void>;
}
