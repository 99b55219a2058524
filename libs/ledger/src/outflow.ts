import type { Asset } from '@libs/kernel';

import type { Memo } from './memo';

/** One operation of a successful ledger transaction that took something out of an account. */
export interface Outflow {
  /** The id of the operation. */
  readonly id: string;
  /** Where it stands in its ledger transaction, from 0. */
  readonly position: number;
  readonly kind: 'payment' | 'path-payment' | 'create-account' | 'merge';
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
  readonly to: string;
  /** What left the account, not what arrived. */
  readonly asset: Asset;
  /** In stroops; null for a merge, which takes all there is. */
  readonly amount: bigint | null;
  readonly memo: Memo | null;
}

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
