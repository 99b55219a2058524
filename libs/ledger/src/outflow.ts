import type { Asset } from '@libs/kernel';

import type { Memo } from './memo';

/** One operation of a successful ledger transaction that took something out of an account, or may have. */
export interface Outflow {
  /** The id of the operation. */
  readonly id: string;
  /** Where it stands in its ledger transaction, from 0. */
  readonly position: number;
  readonly kind:
    | 'payment'
    | 'path-payment'
    | 'create-account'
    | 'merge'
    | 'claimable-balance'
    | 'offer'
    | 'pool-deposit'
    | 'contract';
  /** The hash that decides: of the inner ledger transaction when a fee bump carries it. */
  readonly innerHash: string;
  readonly envelopeHash: string;
  /** Whose sequence number it used. */
  readonly sourceAccount: string;
  readonly sourceSequence: bigint;
  readonly feeCharged: bigint;
  readonly operationCount: number;
  readonly ledger: number;
  readonly closedAt: Date;
  /**
   * Who received it; of a claimable balance, all who may claim it, separated by commas; of an offer, the asset that it asks for;
   * of a deposit, the id of the pool; of a call, the contract.
   */
  readonly to: string;
  /** What left the account, not what arrived; null for a pool, which takes two, and for a contract, which may take any. */
  readonly asset: Asset | null;
  /**
   * In stroops, the most that an offer can take. Null for a merge, which takes all there is, and where only the ledger knows: a
   * pool and a contract.
   */
  readonly amount: bigint | null;
  readonly memo: Memo | null;
}

/** Which ledger transactions of an account are read for what left it. */
export interface OutflowRequest {
  /** After this cursor. */
  readonly cursor: string;
  /** Only a node that has ingested this ledger may answer; without one it counts as unreachable. */
  readonly notBefore: number;
  /** How many ledger transactions at most, each with all its operations; 100 when it is left out, which is the most. */
  readonly limit?: number;
}

/** So many ledger transactions have at most so many thousand operations that one answer stays readable. */
export const OUTFLOW_LIMIT_MAX = 100;

export interface OutflowPage {
  readonly outflows: readonly Outflow[];
  /** To read on from; the cursor that was asked for when there is nothing after it. */
  readonly cursor: string;
  /** There was nothing more at that moment. */
  readonly isLast: boolean;
}

/** The ids of the operations of a ledger are those between its own cursor and the next ledger's. */
const LEDGER_SHIFT = 32n;

/** The cursor after which the records of the ledgers that follow this one begin. */
export const cursorAfterLedger = (sequence: number): string =>
  String((BigInt(sequence) + 1n) << LEDGER_SHIFT);

const OPERATION_MASK = 0xfffn;

/** The place of an operation in its ledger transaction, from 0, as its id says. */
export const positionOf = (operationId: string): number => Number(BigInt(operationId) & OPERATION_MASK) - 1;
