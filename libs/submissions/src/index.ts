export {
  type AccountAction,
  type AccountRequest,
  type AccountRequestEnd,
  AccountRequestRepository,
} from './account-request.repository';
export type {
  AttemptAnswer,
  AttemptEnding,
  CarriedSubmission,
  EnvelopeKind,
  LiveAttempt,
  NewAttempt,
  RecordedAnswer,
} from './attempt';
export { AttemptRepository } from './attempt.repository';
export { ChannelAccountRepository, type ChannelUse, type OwnedChannel } from './channel-account.repository';
export { ChannelMaintenanceLock } from './channel-maintenance-lock.repository';
export { type KeyRotation, KeyRotationRepository } from './key-rotation.repository';
export {
  type ChannelPopulation,
  ChannelPopulationRepository,
  CHANNELS_MAX,
  type ChannelView,
} from './channel-population.repository';
export { type Contradiction, ContradictionRepository, type Resolution } from './contradiction.repository';
export { DestinationRepository } from './destination.repository';
export { DatabaseIdentityRepository, type History, isAgreedHistory } from './database-identity.repository';
export {
  type Dispatch,
  freeDiscarded,
  heldAmong,
  Holds,
  type HoldSubject,
  type StillPayable,
  type WithdrawResult,
} from './holds';
export { HoldTrialRepository, type LaidHold, type LaidHoldKey } from './hold-trial.repository';
export { type Finding, FINDING_KINDS, type FindingKind, type StoredFinding } from './finding';
export { FindingRepository } from './finding.repository';
export { type ChargedFee, FeeRepository, type FeesOf } from './fee.repository';
export { EverythingHold, type HoldOnEverything } from './everything-hold.repository';
export { type Instance, InstanceRepository } from './instance.repository';
export { InstanceSession } from './instance-session.repository';
export { type FeedPosition, type LedgerAnchor, LedgerCursorRepository } from './ledger-cursor.repository';
export { lockForHolding, lockForSigning } from './locks';
export { agreedHistoryMigrations } from './migrations/agreed-history.migration';
export { brakesMigrations } from './migrations/brakes.migration';
export { channelSharingMigrations } from './migrations/channel-sharing.migration';
export { databaseIdentityMigrations } from './migrations/database-identity.migration';
export { engineMigrations } from './migrations/engine-migrations';
export { keyRotationMigrations } from './migrations/key-rotation.migration';
export { ledgerCursorsMigrations } from './migrations/ledger-cursors.migration';
export { outflowCeilingsMigrations } from './migrations/outflow-ceilings.migration';
export { reconciliationMigrations } from './migrations/reconciliation.migration';
export { submissionsMigrations } from './migrations/submissions.migration';
export {
  type OperatorDecision,
  OperatorDecisionRepository,
  type RecordedDecision,
} from './operator-decision.repository';
export { type ClosedFindings, OperatorResolutions, type ResolveProblem } from './operator-resolutions';
export { type CeilingOrder, OutflowCeilingOrders } from './outflow-ceiling-orders';
export { giveBackOutflow, type OutflowCeiling, OutflowCeilings } from './outflow-ceiling.repository';
export { PayingBrake, type PayingState, type ResumeProblem, type TenantStillPayable } from './paying-brake';
export { QueueAge } from './queue-age.read-model';
export {
  type CarriedPayment,
  type KnownAttempt,
  type OverdueAttempt,
  ReconciliationRepository,
} from './reconciliation.repository';
export { RESTORED_HOLD, RestoredPayments } from './restored-payments.repository';
export { type Bounds, type OursToFix, OWN_FAILURES_MAX, type Verdict, verdictOn } from './settlement.policy';
export type { ArrivedDispatch, QueuedSubmission, SettledDispatch, Settlement } from './submission';
export { OTHER_DISPATCH } from './second-dispatch.repository';
export { OwnCauseRepository } from './own-cause.repository';
export { type Arrival, SubmissionRepository } from './submission.repository';
export { tenantsWithQueue } from './tenants-with-queue.read-model';
export { type KeyPurpose, type SealedKey, VaultRepository } from './vault.repository';
