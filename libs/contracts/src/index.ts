export { disbursementStatusChangedV1 } from './events/disbursement-status-changed.v1';
export {
  deadLetterTopicOf,
  defineEvent,
  envelopeSchema,
  type EventContract,
  type EventDataOf,
  type EventEnvelope,
  type EventError,
  type EventOf,
} from './events/envelope';
export { ITEMS_PER_EVENT_MAX } from './events/fields';
export { ledgerAccountReadyV1, ledgerAccountRequestedV1 } from './events/ledger-account.v1';
export { messagesRequestedV1 } from './events/messages-requested.v1';
export { paymentCompletedV1 } from './events/payment-completed.v1';
export { paymentReadyToPayV1 } from './events/payment-ready-to-pay.v1';
export { paymentRequestedV1 } from './events/payment-requested.v1';
export { receiverWalletNewInvitationV1 } from './events/receiver-wallet-new-invitation.v1';
export { receiverWalletRegisteredV1 } from './events/receiver-wallet-registered.v1';
export { EVENT_CONTRACTS } from './event-contracts';
export {
  ATTEMPT_STATUSES,
  type AttemptStatus,
  CHANNEL_ACCOUNT_STATUSES,
  type ChannelAccountStatus,
  CONTACT_TYPES,
  type ContactType,
  DISBURSEMENT_STATUSES,
  type DisbursementStatus,
  MEMO_TYPES,
  type MemoType,
  MESSAGE_STATUSES,
  type MessageStatus,
  PAYMENT_STATUSES,
  type PaymentStatus,
  RECEIVER_WALLET_STATUSES,
  type ReceiverWalletStatus,
  type Role,
  ROLES,
  SUBMISSION_STATUSES,
  type SubmissionStatus,
  TENANT_STATUSES,
  type TenantStatus,
  VERIFICATION_FIELDS,
  type VerificationField,
} from './statuses';
