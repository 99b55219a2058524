export {
  accountAddressOf,
  isAccountAddress,
  isContractAddress,
  publicKeyOf,
  seedBytesOf,
  seedTextOf,
} from './address';
export {
  assetKey,
  type DestinationFacts,
  factsOf,
  type LineFacts,
  type Obstacle,
  obstacleTo,
  type PlannedPayment,
} from './destination';
export { type Inclusion, inclusionOf } from './evidence';
export type { FaultRates } from './fake-faults';
export { FakeLedger, type FakeLedgerOptions } from './ledger.fake';
export {
  type AccountSigner,
  type BalanceLine,
  balanceLineOf,
  type LedgerAccount,
  spendable,
} from './ledger-account';
export {
  type FeeStats,
  type FollowOptions,
  type LedgerHeader,
  type Deadline,
  type LedgerPayment,
  LedgerReader,
  type LedgerTransaction,
  LedgerUnreachableError,
  type NodeState,
  type PageRequest,
  type TransactionPage,
  WrongNetworkError,
} from './ledger-reader.port';
export {
  cursorAfterLedger,
  type Outflow,
  OUTFLOW_LIMIT_MAX,
  type OutflowPage,
  type OutflowRequest,
  positionOf,
} from './outflow';
export {
  type AccountKey,
  type AttemptInstructions,
  type BumpInstructions,
  type ExpiryProof,
  type InclusionProof,
  type LedgerKey,
  LedgerSubmitter,
  type LookupAnswer,
  type LookupQuery,
  type NoOpInstructions,
  type OperationClass,
  type OperationOutcome,
  ownKeyOf,
  type PaymentInstruction,
  type Prepared,
  type RefusalAdvice,
  type SetupInstructions,
  type SetupOperation,
  type SubmitAnswer,
} from './ledger-submitter.port';
export { guessMemoType, type Memo, type MemoError, parseMemo } from './memo';
export { Signer, SignerUnavailableError, type SignatureRequest, UnknownKeyError } from './signer.port';
export { ledgerContract, type LedgerWorld } from './ledger.contract';
