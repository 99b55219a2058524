/*
 * A place in the history as one number: the ledger in the upper 32 bits, then 20 bits for the ledger transaction
 * (from 1, in the order of application) and 12 bits for the operation (from 1). This is Horizon's paging token.
 */

export interface Place {
  readonly ledger: number;
  /** 0 stands for the ledger itself. */
  readonly order: number;
  /** 0 stands for the whole ledger transaction. */
  readonly operation: number;
}

export const tokenOf = ({ ledger, operation, order }: Place): bigint =>
  (BigInt(ledger) << 32n) | (BigInt(order) << 12n) | BigInt(operation);

export const ledgerToken = (ledger: number): bigint => BigInt(ledger) << 32n;

/** After everything in this ledger and before everything in the next. */
export const tokenAfterLedger = (ledger: number): bigint => (BigInt(ledger + 1) << 32n) - 1n;
