export {
  type Dispatch,
  freeDiscarded,
  heldAmong,
  HOLD_SUBJECTS,
  Holds,
  type HoldSubject,
  type StillPayable,
  type WithdrawResult,
} from './holds';
export { lockForHolding, lockForSigning } from './locks';
export { submissionsMigrations } from './migrations/submissions.migration';
