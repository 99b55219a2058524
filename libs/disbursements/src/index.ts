import { directPaymentCountsMigrations } from './migrations/direct-payment-counts.migration';
import { directPaymentOrderMigrations } from './migrations/direct-payment-order.migration';
import { directPaymentsMigrations } from './migrations/direct-payments.migration';
import { fileDifferencesMigrations } from './migrations/file-differences.migration';
import { hiddenRowsMigrations } from './migrations/hidden-rows.migration';
import { latePaymentsMigrations } from './migrations/late-payments.migration';
import { paymentCandidatesMigrations } from './migrations/payment-candidates.migration';
import { paymentHitsMigrations } from './migrations/payment-hits.migration';
import { paymentLookUpsMigrations } from './migrations/payment-look-ups.migration';
import { paymentOrdersMigrations } from './migrations/payment-orders.migration';
import { paymentSearchMigrations } from './migrations/payment-search.migration';
import { paymentsByNameMigrations } from './migrations/payments-by-name.migration';
import { paymentTextsMigrations } from './migrations/payment-texts.migration';
import { paymentWorkMigrations } from './migrations/payment-work.migration';
import { readyPaymentsMigrations } from './migrations/ready-payments.migration';
import { receiverPaymentsMigrations } from './migrations/receiver-payments.migration';
import { payableWalletsMigrations } from './migrations/payable-wallets.migration';
import { promisedFeesMigrations } from './migrations/promised-fees.migration';
import { publicationTimesMigrations } from './migrations/publication-times.migration';
import { publishedUploadsMigrations } from './migrations/published-uploads.migration';
import { unpublishedUploadsMigrations } from './migrations/unpublished-uploads.migration';
import { uploadFormatsMigrations } from './migrations/upload-formats.migration';
import { uploadPlacesMigrations } from './migrations/upload-places.migration';
import { uploadJobsMigrations } from './migrations/upload-jobs.migration';
import { refusedFilesMigrations } from './migrations/refused-files.migration';
import { reservationCheckMigrations } from './migrations/reservation-check.migration';
import { handedOverPaymentsMigrations } from './migrations/handed-over-payments.migration';
import { disbursementsMigrations as disbursementTablesMigrations } from './migrations/disbursements.migration';

export { ForeignPayments } from './foreign-payments.read-model';
export { ApprovalsRepository, type ApprovalSubject } from './approvals.repository';
export type { CounterShift } from './disbursement-counters.repository';
export { DisbursementMoves, type LockedDisbursement } from './disbursement-moves.repository';
export {
  DisbursementsRepository,
  type DisbursementState,
  type NewDisbursement,
} from './disbursements.repository';
export {
  type DirectPayment,
  DirectPaymentsRepository,
  type NewDirectPayment,
} from './direct-payments.repository';
export { type DispatchedPayment, DispatchRepository } from './dispatch.repository';
export { feeReserveFor } from './fee-reserve.policy';
export {
  type FundRelease,
  type FundReservation,
  FundReservations,
  type PromisedTo,
} from './fund-reservations.repository';
export { FundsOfPayments } from './funds-of-payments';
export { tracingMemoOf } from './memo-tracing.policy';
export {
  type DispatchOutcome,
  type OutcomeVerdict,
  type PaymentUnderOutcome,
  verdictOnOutcome,
} from './outcome.policy';
export { HiddenRemoval } from './hidden-removal.service';
export type { HiddenRemains, RemovalPlace } from './hidden-rows.repository';
export { type CountedDisbursement, KeptCountersRead, type WrongCounter } from './kept-counters.read-model';
export { type LedgerProof, type LockedPayment, OutcomesRepository } from './outcomes.repository';
export {
  type MovedChunk,
  type MovedPayment,
  type MoveExtras,
  PaymentMoves,
} from './payment-moves.repository';
export {
  DIRECT_BEYOND_MAX,
  LISTED_WHEN_REGISTERED,
  PayablePayments,
  type ReadyPlace,
} from './payable-payments.repository';
export { PaymentsToWorkOn } from './payments-to-work-on.read-model';
export { type NeededFunds, type PromisedFunds, PromisedFundsRead } from './promised-funds.read-model';
export { type WorkGoal, type WorkItem, WorkItems } from './work-items.repository';
export type { ExpectedFile } from './upload/early-reading';
export {
  bytesOf,
  type InstructionsFile,
  type KeepPart,
  receiveFile,
  unzipped,
} from './upload/instructions-file';
export { type FileFormat, USUAL_FORMAT } from './upload/file-format';
export { templateFor } from './upload/instruction-columns.policy';
export { InstructionsUpload, type PublishOrder, type UploadRun } from './upload/instructions-upload.service';
export { UploadLostError, type UploadRefusal, UploadRefusedError } from './upload/upload.errors';
export {
  UPLOAD_BEAT_MS,
  type UploadJob,
  UploadJobsRepository,
  type UploadState,
} from './upload/upload-jobs.repository';
export { ComingParts } from './upload/coming-parts';
export { ScratchParts } from './upload/scratch-parts.repository';
export { TIMES_THE_MEDIAN } from './upload/trial-figures.read-model';
export { type Step, uploadStep } from './upload/upload-step';
export { type Trial, UploadTrial } from './upload/upload-trial.service';
export { UploadErrors } from './upload/upload-errors.service';
export type { Remains } from './upload/upload-remains.repository';
export { type Settled, UploadSettlement } from './upload/upload-settlement.service';
export { UploadStores } from './upload/upload-stores';
export { UploadPartsRepository } from './upload/upload-parts.repository';
export { ROWS_ANSWERED_AT_ONCE, UploadProgress } from './upload/upload-progress';
export type { CountedPayments, FileDifferences } from './upload/file-differences';
export {
  type StoredFile,
  type UploadLimits,
  UploadsRepository,
  type UploadTarget,
} from './upload/uploads.repository';

export const disbursementsMigrations = [
  ...disbursementTablesMigrations,
  ...directPaymentsMigrations,
  ...directPaymentCountsMigrations,
  ...directPaymentOrderMigrations,
  ...fileDifferencesMigrations,
  ...handedOverPaymentsMigrations,
  ...reservationCheckMigrations,
  ...payableWalletsMigrations,
  ...paymentWorkMigrations,
  ...uploadJobsMigrations,
  ...uploadFormatsMigrations,
  ...refusedFilesMigrations,
  ...unpublishedUploadsMigrations,
  ...publicationTimesMigrations,
  ...paymentTextsMigrations,
  ...paymentHitsMigrations,
  ...hiddenRowsMigrations,
  ...receiverPaymentsMigrations,
  ...paymentCandidatesMigrations,
  ...paymentLookUpsMigrations,
  ...latePaymentsMigrations,
  ...paymentSearchMigrations,
  ...uploadPlacesMigrations,
  ...promisedFeesMigrations,
  ...paymentsByNameMigrations,
  ...publishedUploadsMigrations,
  ...readyPaymentsMigrations,
  ...paymentOrdersMigrations,
];
