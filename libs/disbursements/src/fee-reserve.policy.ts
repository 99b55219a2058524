/** A fee bump bids for one operation more than the ledger transaction that it carries. */
const OPERATIONS_PER_PAYMENT = 2n;

/**
 * What is reserved in XLM for the fees of `payments` payments, in stroops: each alone in its ledger transaction,
 * at the fee ceiling. Far more than a usual ledger takes, so that fees never eat what was promised to people.
 *
 * `baseFeeStroops`: per operation. The ceiling as it is where something is promised, and as it was then where that is freed.
 */
export const feeReserveFor = (payments: number, baseFeeStroops: number | bigint): bigint =>
  BigInt(payments) * OPERATIONS_PER_PAYMENT * BigInt(baseFeeStroops);
