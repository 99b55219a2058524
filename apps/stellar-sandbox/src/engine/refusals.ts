import { xdr } from '@stellar/stellar-sdk';

import type { LedgerTransaction } from './envelope';

/** Codes that a core may refuse with, by the names that Horizon gives them. */
const RESULTS = {
  tx_internal_error: () => xdr.TransactionResultResult.txInternalError(),
  tx_not_supported: () => xdr.TransactionResultResult.txNotSupported(),
  tx_malformed: () => xdr.TransactionResultResult.txMalformed(),
  tx_soroban_invalid: () => xdr.TransactionResultResult.txSorobanInvalid(),
  tx_bad_sponsorship: () => xdr.TransactionResultResult.txBadSponsorship(),
  tx_bad_minseq_age_or_gap: () => xdr.TransactionResultResult.txBadMinSeqAgeOrGap(),
  tx_missing_operation: () => xdr.TransactionResultResult.txMissingOperation(),
  tx_too_early: () => xdr.TransactionResultResult.txTooEarly(),
  tx_too_late: () => xdr.TransactionResultResult.txTooLate(),
  tx_bad_seq: () => xdr.TransactionResultResult.txBadSeq(),
  tx_bad_auth: () => xdr.TransactionResultResult.txBadAuth(),
  tx_bad_auth_extra: () => xdr.TransactionResultResult.txBadAuthExtra(),
  tx_insufficient_balance: () => xdr.TransactionResultResult.txInsufficientBalance(),
  tx_insufficient_fee: () => xdr.TransactionResultResult.txInsufficientFee(),
  tx_no_source_account: () => xdr.TransactionResultResult.txNoAccount(),
} as const;

export type Refusal = keyof typeof RESULTS;

export const REFUSALS = [
  'tx_internal_error',
  'tx_not_supported',
  'tx_malformed',
  'tx_soroban_invalid',
  'tx_bad_sponsorship',
  'tx_bad_minseq_age_or_gap',
  'tx_missing_operation',
  'tx_too_early',
  'tx_too_late',
  'tx_bad_seq',
  'tx_bad_auth',
  'tx_bad_auth_extra',
  'tx_insufficient_balance',
  'tx_insufficient_fee',
  'tx_no_source_account',
] as const satisfies readonly Refusal[];

/** The result, in base64, with which a core refuses an envelope it does not like. */
export const refusalXdr = (code: Refusal, { feeBid }: LedgerTransaction): string =>
  new xdr.TransactionResult({
    feeCharged: feeBid,
    result: RESULTS[code](),
    ext: xdr.TransactionResultExt.v0(),
  }).toXdr('base64');
