import type { RefusalAdvice } from '@libs/ledger';

/**
 * Every result code of the protocol (Stellar-transaction.x) and what it means for us.
 *
 * `final for the payment`: only the recipient could change it, so the payment fails with this reason. `final for the
 * envelope`: this ledger transaction is over; what becomes of its payments is said by their operations or by the next attempt.
 * `retry later`: may pass. `ours to fix`: nothing of the tenant is signed until it is mended, and nobody's payment fails.
 *
 * A code that is not here counts as silence when a node refuses with it, and as `retry later` in a closed ledger.
 */
export type CodeClass =
  'success' | 'final for the payment' | 'final for the envelope' | 'retry later' | 'ours to fix';

export interface CodeRow {
  /** As Horizon writes it. */
  readonly code: string;
  readonly class: CodeClass;
  /** What to do when a node refuses to queue an envelope with it; null where a node never does. */
  readonly refusal: RefusalAdvice | null;
  /** An operation before it in the same ledger transaction may be the cause. */
  readonly dependsOnOrder?: true;
  /** Why nothing that we build can meet it; absent where the sandbox reaches it through a real cause. */
  readonly unreachable?: string;
}

type Rows = Readonly<Record<string, CodeRow>>;

const DOCUMENTATION =
  'https://developers.stellar.org/docs/data/apis/horizon/api-reference/errors/result-codes';

const success = (code = 'op_success'): CodeRow => ({ code, class: 'success', refusal: null });
const final = (code: string, more: Partial<CodeRow> = {}): CodeRow => ({
  code,
  class: 'final for the payment',
  refusal: null,
  ...more,
});
const over = (code: string, refusal: RefusalAdvice | null = null): CodeRow => ({
  code,
  class: 'final for the envelope',
  refusal,
});
const later = (code: string, refusal: RefusalAdvice | null, unreachable?: string): CodeRow => ({
  code,
  class: 'retry later',
  refusal,
  ...(unreachable !== undefined && { unreachable }),
});
const ours = (code: string, refusal: RefusalAdvice | null = null, more: Partial<CodeRow> = {}): CodeRow => ({
  code,
  class: 'ours to fix',
  refusal,
  ...more,
});

const NO_CONTRACTS = 'we build no ledger transaction with contracts';

/** Of the ledger transaction as a whole, by their names in the protocol. */
const TRANSACTION: Rows = {
  txFeeBumpInnerSuccess: success('tx_fee_bump_inner_success'),
  txSuccess: success('tx_success'),
  // The operations say more.
  txFailed: over('tx_failed'),
  txFeeBumpInnerFailed: over('tx_fee_bump_inner_failed'),
  txTooEarly: later('tx_too_early', 'resend'),
  txTooLate: over('tx_too_late', 'expire'),
  txMissingOperation: ours('tx_missing_operation', 'supersede'),
  txBadSeq: later('tx_bad_seq', 'resend'),
  txBadAuth: ours('tx_bad_auth', 'supersede'),
  txInsufficientBalance: ours('tx_insufficient_balance', 'ours'),
  // Of the inner ledger transaction: the channel account is gone, and rests when its attempt has ended.
  txNoAccount: later('tx_no_source_account', 'resend'),
  txInsufficientFee: later('tx_insufficient_fee', 'bump'),
  txBadAuthExtra: ours('tx_bad_auth_extra', 'supersede'),
  txInternalError: later('tx_internal_error', 'resend', 'only a faulty node says so, for no cause of ours'),
  txNotSupported: ours('tx_not_supported', 'supersede', {
    unreachable: 'for fee bumps before protocol 13, which no network runs',
  }),
  txBadSponsorship: ours('tx_bad_sponsorship', 'supersede'),
  txBadMinSeqAgeOrGap: later('tx_bad_minseq_age_or_gap', 'resend'),
  txMalformed: ours('tx_malformed', 'supersede', { unreachable: NO_CONTRACTS }),
  txSorobanInvalid: ours('tx_soroban_invalid', 'supersede', { unreachable: NO_CONTRACTS }),
  txFrozenKeyAccessed: ours('tx_frozen_key_accessed', 'supersede', {
    unreachable: 'for ledger entries that a vote of the network froze, which the sandbox does not know',
  }),
};

/** Of any operation. */
const OPERATION: Rows = {
  opInner: success('op_inner'),
  opBadAuth: ours('op_bad_auth', 'supersede'),
  opNoAccount: ours('op_no_source_account'),
  opNotSupported: ours('op_not_supported', 'supersede'),
  opTooManySubentries: later('op_too_many_subentries', null, 'payments add no entries to an account'),
  opExceededWorkLimit: later(
    'op_exceeded_work_limit',
    null,
    'for operations that cross offers: we build none',
  ),
  opTooManySponsoring: later(
    'op_too_many_sponsoring',
    null,
    'at four billion sponsored entries of one account: channel accounts are 1,000 at most',
  ),
};

const PAYMENT: Rows = {
  paymentSuccess: success(),
  // An amount that is not positive or an asset without a code: what arrives like that is rejected before it is signed.
  paymentMalformed: final('op_malformed', { refusal: 'supersede' }),
  paymentUnderfunded: ours('op_underfunded', null, { dependsOnOrder: true }),
  paymentSrcNoTrust: ours('op_src_no_trust'),
  paymentSrcNotAuthorized: ours('op_src_not_authorized'),
  paymentNoDestination: final('op_no_destination'),
  paymentNoTrust: final('op_no_trust'),
  paymentNotAuthorized: final('op_not_authorized'),
  paymentLineFull: final('op_line_full', { dependsOnOrder: true }),
  paymentNoIssuer: final('op_no_issuer', {
    unreachable: 'payments of an issuer that is gone still move since protocol 13',
  }),
};

/** The no-op that supersedes an attempt. */
const BUMP_SEQUENCE: Rows = {
  bumpSequenceSuccess: success(),
  bumpSequenceBadSeq: ours('op_bad_seq', 'supersede'),
};

const CREATE_ACCOUNT: Rows = {
  createAccountSuccess: success(),
  createAccountMalformed: ours('op_malformed'),
  createAccountUnderfunded: ours('op_underfunded'),
  createAccountLowReserve: ours('op_low_reserve'),
  createAccountAlreadyExist: ours('op_already_exists'),
};

const CHANGE_TRUST: Rows = {
  changeTrustSuccess: success(),
  changeTrustMalformed: ours('op_malformed'),
  changeTrustNoIssuer: ours('op_no_issuer'),
  changeTrustInvalidLimit: ours('op_invalid_limit'),
  changeTrustLowReserve: ours('op_low_reserve'),
  changeTrustSelfNotAllowed: ours('op_self_not_allowed', null, {
    unreachable: 'before protocol 16; since then a trustline of an issuer to itself is malformed',
  }),
  changeTrustTrustLineMissing: ours('op_trust_line_missing', null, {
    unreachable: 'for shares of liquidity pools: we trust assets only',
  }),
  changeTrustCannotDelete: ours('op_cannot_delete', null, {
    unreachable: 'for trustlines that a liquidity pool uses: we deposit into none',
  }),
  changeTrustNotAuthMaintainLiabilities: ours('op_not_aut_maintain_liabilities', null, {
    unreachable: 'for shares of liquidity pools: we trust assets only',
  }),
};

const SET_OPTIONS: Rows = {
  setOptionsSuccess: success(),
  setOptionsLowReserve: ours('op_low_reserve'),
  setOptionsTooManySigners: ours('op_too_many_signers'),
  setOptionsBadFlags: ours('op_bad_flags'),
  setOptionsInvalidInflation: ours('op_invalid_inflation'),
  setOptionsCantChange: ours('op_cant_change'),
  setOptionsUnknownFlag: ours('op_unknown_flag'),
  setOptionsThresholdOutOfRange: ours('op_threshold_out_of_range'),
  setOptionsBadSigner: ours('op_bad_signer'),
  setOptionsInvalidHomeDomain: ours('op_invalid_home_domain'),
  setOptionsAuthRevocableRequired: ours('op_auth_revocable_required'),
};

const BEGIN_SPONSORING: Rows = {
  beginSponsoringFutureReservesSuccess: success(),
  beginSponsoringFutureReservesMalformed: ours('op_malformed'),
  beginSponsoringFutureReservesAlreadySponsored: ours('op_already_sponsored'),
  beginSponsoringFutureReservesRecursive: ours('op_recursive'),
};

const END_SPONSORING: Rows = {
  endSponsoringFutureReservesSuccess: success(),
  endSponsoringFutureReservesNotSponsored: ours('op_not_sponsored'),
};

const ACCOUNT_MERGE: Rows = {
  accountMergeSuccess: success(),
  accountMergeMalformed: ours('op_malformed'),
  accountMergeNoAccount: ours('op_no_account'),
  accountMergeImmutableSet: ours('op_immutable_set'),
  accountMergeHasSubEntries: ours('op_has_sub_entries'),
  accountMergeSeqnumTooFar: ours('op_seq_num_too_far'),
  accountMergeDestFull: ours('op_dest_full', null, {
    unreachable: 'above 922 billion XLM on one account, more than there are',
  }),
  accountMergeIsSponsor: ours('op_is_sponsor'),
};

export interface CodeTable {
  readonly rows: Rows;
  readonly documentation: string;
  /** What our ledger transactions use it for. */
  readonly use: 'any' | 'payments' | 'accounts';
}

const table = (rows: Rows, page: string, use: CodeTable['use']): CodeTable => ({
  rows,
  documentation: `${DOCUMENTATION}/${page}`,
  use,
});
const specific = (name: string): string => `operation-specific/${name}`;

/** By the name of the enumeration in the protocol. */
export const CODE_TABLES: Readonly<Record<string, CodeTable>> = {
  TransactionResultCode: table(TRANSACTION, 'transactions', 'any'),
  OperationResultCode: table(OPERATION, 'operations', 'any'),
  PaymentResultCode: table(PAYMENT, specific('payment'), 'payments'),
  BumpSequenceResultCode: table(BUMP_SEQUENCE, specific('bump-sequence'), 'payments'),
  CreateAccountResultCode: table(CREATE_ACCOUNT, specific('create-account'), 'accounts'),
  ChangeTrustResultCode: table(CHANGE_TRUST, specific('change-trust'), 'accounts'),
  SetOptionsResultCode: table(SET_OPTIONS, specific('set-options'), 'accounts'),
  BeginSponsoringFutureReservesResultCode: table(
    BEGIN_SPONSORING,
    specific('begin-sponsoring-future-reserves'),
    'accounts',
  ),
  EndSponsoringFutureReservesResultCode: table(
    END_SPONSORING,
    specific('end-sponsoring-future-reserves'),
    'accounts',
  ),
  AccountMergeResultCode: table(ACCOUNT_MERGE, specific('account-merge'), 'accounts'),
};

const NOT_BUILT = 'we build no such operation';

/** Enumerations of operations that nothing of ours contains: their codes cannot be met. */
export const UNREACHABLE_TABLES: Readonly<Record<string, string>> = {
  AllowTrustResultCode: NOT_BUILT,
  ClaimClaimableBalanceResultCode: NOT_BUILT,
  ClawbackClaimableBalanceResultCode: NOT_BUILT,
  ClawbackResultCode: NOT_BUILT,
  CreateClaimableBalanceResultCode: NOT_BUILT,
  ExtendFootprintTtlResultCode: NO_CONTRACTS,
  InflationResultCode: NOT_BUILT,
  InvokeHostFunctionResultCode: NO_CONTRACTS,
  LiquidityPoolDepositResultCode: NOT_BUILT,
  LiquidityPoolWithdrawResultCode: NOT_BUILT,
  ManageBuyOfferResultCode: NOT_BUILT,
  ManageDataResultCode: NOT_BUILT,
  ManageSellOfferResultCode: NOT_BUILT,
  PathPaymentStrictReceiveResultCode: NOT_BUILT,
  PathPaymentStrictSendResultCode: NOT_BUILT,
  RestoreFootprintResultCode: NO_CONTRACTS,
  RevokeSponsorshipResultCode: NOT_BUILT,
  SetTrustLineFlagsResultCode: NOT_BUILT,
};

/** What Horizon says on its own, without a result of the network. */
export const HORIZON_REFUSALS: Readonly<Record<string, RefusalAdvice>> = {
  TRY_AGAIN_LATER: 'resend',
  transaction_malformed: 'supersede',
};
