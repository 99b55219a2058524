import { xdr } from '@stellar/stellar-sdk/base';

/** A result as Horizon would name it. For a fee bump, `code` is the inner one when the outer only says that it failed. */
export interface ResultCodes {
  readonly code: string;
  /** Whether the code is of the inner ledger transaction of a fee bump. */
  readonly isInner: boolean;
  readonly operationCodes: readonly string[];
  /** In stroops: what was charged, or in a refusal what the node wants. */
  readonly feeCharged: bigint;
}

/** Codes whose name in Horizon is not the snake case of their name in the protocol. */
const TRANSACTION_NAMES: Readonly<Record<string, string>> = {
  txNoAccount: 'tx_no_source_account',
  txBadMinSeqAgeOrGap: 'tx_bad_minseq_age_or_gap',
};
const OPERATION_NAMES: Readonly<Record<string, string>> = {
  opNoAccount: 'op_no_source_account',
  accountMergeSeqnumTooFar: 'op_seq_num_too_far',
  pathPaymentStrictReceiveOverSendmax: 'op_over_source_max',
  pathPaymentStrictSendUnderDestmin: 'op_under_dest_min',
  manageSellOfferNotFound: 'op_offer_not_found',
  manageBuyOfferNotFound: 'op_offer_not_found',
  pathPaymentStrictReceiveOfferCrossSelf: 'op_cross_self',
  pathPaymentStrictSendOfferCrossSelf: 'op_cross_self',
  createAccountAlreadyExist: 'op_already_exists',
  manageDataNameNotFound: 'op_data_name_not_found',
  manageDataInvalidName: 'op_data_invalid_name',
};

const snake = (text: string): string =>
  text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');

const transactionCode = (type: string): string => TRANSACTION_NAMES[type] ?? snake(type);

/** Reads a base64 `TransactionResult`; null when these bytes are none. */
export function readResult(base64: string): ResultCodes | null {
  try {
    const { result, feeCharged } = xdr.TransactionResult.fromXdr(base64, 'base64');
    if (result.type === 'txFeeBumpInnerSuccess' || result.type === 'txFeeBumpInnerFailed') {
      const inner = result.innerResultPair.result.result;
      return {
        code: transactionCode(inner.type),
        isInner: true,
        operationCodes: operationCodesOf(inner),
        feeCharged,
      };
    }
    return {
      code: transactionCode(result.type),
      isInner: false,
      operationCodes: operationCodesOf(result),
      feeCharged,
    };
  } catch {
    return null;
  }
}

function operationCodesOf(result: {
  readonly type: string;
  readonly results?: xdr.OperationResult[];
}): string[] {
  return (result.results ?? []).map((operation) => {
    if (operation.type !== 'opInner') return OPERATION_NAMES[operation.type] ?? snake(operation.type);
    const { type } = operation.tr;
    // The result of each kind of operation is an arm named after it: paymentResult of payment.
    const arm: unknown = Object.entries(operation.tr).find(([name]) => name.endsWith('Result'))?.[1];
    const name = typeof arm === 'object' && arm !== null && 'type' in arm ? String(arm.type) : '';
    return OPERATION_NAMES[name] ?? `op_${snake(name.startsWith(type) ? name.slice(type.length) : name)}`;
  });
}
