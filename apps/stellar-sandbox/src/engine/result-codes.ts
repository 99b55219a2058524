import { xdr } from '@stellar/stellar-sdk';

/** The names that Horizon gives to the network's result codes. */
export interface ResultCodes {
  readonly transaction: string;
  readonly inner_transaction?: string;
  readonly operations?: readonly string[];
}

const TRANSACTION: Readonly<Record<xdr.TransactionResultResult['type'], string>> = {
  txFeeBumpInnerSuccess: 'tx_fee_bump_inner_success',
  txFeeBumpInnerFailed: 'tx_fee_bump_inner_failed',
  txSuccess: 'tx_success',
  txFailed: 'tx_failed',
  txTooEarly: 'tx_too_early',
  txTooLate: 'tx_too_late',
  txMissingOperation: 'tx_missing_operation',
  txBadSeq: 'tx_bad_seq',
  txBadAuth: 'tx_bad_auth',
  txInsufficientBalance: 'tx_insufficient_balance',
  txNoAccount: 'tx_no_source_account',
  txInsufficientFee: 'tx_insufficient_fee',
  txBadAuthExtra: 'tx_bad_auth_extra',
  txInternalError: 'tx_internal_error',
  txNotSupported: 'tx_not_supported',
  txBadSponsorship: 'tx_bad_sponsorship',
  txBadMinSeqAgeOrGap: 'tx_bad_minseq_age_or_gap',
  txMalformed: 'tx_malformed',
  txSorobanInvalid: 'tx_soroban_invalid',
  txFrozenKeyAccessed: 'tx_frozen_key_accessed',
};

/** Where Horizon's name is not the code without the operation's name in front. */
const UNUSUAL: Readonly<Record<string, string>> = {
  createAccountAlreadyExist: 'op_already_exists',
  allowTrustNoTrustLine: 'op_no_trust',
  setTrustLineFlagsNoTrustLine: 'op_no_trust',
  pathPaymentStrictReceiveOfferCrossSelf: 'op_cross_self',
  pathPaymentStrictReceiveOverSendmax: 'op_over_source_max',
  pathPaymentStrictSendOfferCrossSelf: 'op_cross_self',
  pathPaymentStrictSendUnderDestmin: 'op_under_dest_min',
  manageDataNotSupportedYet: 'op_not_supported_yet',
  manageDataNameNotFound: 'op_data_name_not_found',
  manageDataInvalidName: 'op_data_invalid_name',
  accountMergeSeqnumTooFar: 'op_seq_num_too_far',
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const OUTER: Readonly<Record<Exclude<xdr.OperationResult['type'], 'opInner'>, string>> = {
  opBadAuth: 'op_bad_auth',
  opNoAccount: 'op_no_source_account',
  opNotSupported: 'op_not_supported',
  opTooManySubentries: 'op_too_many_subentries',
  opExceededWorkLimit: 'op_exceeded_work_limit',
  opTooManySponsoring: 'op_too_many_sponsoring',
};

export function operationCode(result: xdr.OperationResult): string {
  if (result.type !== 'opInner') return OUTER[result.type];
  const { type, value } = result.tr;
  if (value.type === `${type}Success`) return 'op_success';
  return UNUSUAL[value.type] ?? `op${snake(value.type.slice(type.length))}`;
}

export function resultCodesOf(resultXdr: string): ResultCodes {
  const { result } = xdr.TransactionResult.fromXdr(resultXdr, 'base64');
  const transaction = TRANSACTION[result.type];
  switch (result.type) {
    case 'txFeeBumpInnerSuccess':
    case 'txFeeBumpInnerFailed': {
      const inner = result.innerResultPair.result.result;
      const codes = { transaction, inner_transaction: TRANSACTION[inner.type] };
      return 'results' in inner ? { ...codes, operations: inner.results.map(operationCode) } : codes;
    }
    case 'txSuccess':
    case 'txFailed':
      return { transaction, operations: result.results.map(operationCode) };
    default:
      return { transaction };
  }
}
