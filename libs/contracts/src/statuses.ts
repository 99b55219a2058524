/** The names of states as they are stored, sent in JSON and shown on screens. */
export const DISBURSEMENT_STATUSES = ['DRAFT', 'READY', 'STARTED', 'PAUSED', 'COMPLETED'] as const;
export type DisbursementStatus = (typeof DISBURSEMENT_STATUSES)[number];

export const PAYMENT_STATUSES = [
  'DRAFT',
  'READY',
  'PENDING',
  'PAUSED',
  'SUCCESS',
  'FAILED',
  'CANCELED',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const RECEIVER_WALLET_STATUSES = ['DRAFT', 'READY', 'REGISTERED', 'FLAGGED'] as const;
export type ReceiverWalletStatus = (typeof RECEIVER_WALLET_STATUSES)[number];

export const MESSAGE_STATUSES = ['PENDING', 'SENDING', 'SUCCESS', 'FAILURE'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

export const SUBMISSION_STATUSES = ['QUEUED', 'SIGNED', 'UNKNOWN', 'SUCCESS', 'ERROR', 'WITHDRAWN'] as const;
export type SubmissionStatus = (typeof SUBMISSION_STATUSES)[number];

export const ATTEMPT_STATUSES = [
  'STORED',
  'SENT',
  'LOST',
  'APPLIED',
  'FAILED',
  'EXPIRED',
  'SUPERSEDED',
  'DISCARDED',
] as const;
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

export const CHANNEL_ACCOUNT_STATUSES = ['FREE', 'LEASED', 'DRAINING', 'RETIRED'] as const;
export type ChannelAccountStatus = (typeof CHANNEL_ACCOUNT_STATUSES)[number];

export const TENANT_STATUSES = ['CREATED', 'PROVISIONED', 'ACTIVATED', 'DEACTIVATED'] as const;
export type TenantStatus = (typeof TENANT_STATUSES)[number];

export const CONTACT_TYPES = [
  'EMAIL',
  'PHONE_NUMBER',
  'EMAIL_AND_WALLET_ADDRESS',
  'PHONE_NUMBER_AND_WALLET_ADDRESS',
] as const;
/** How the people of a disbursement are reached, and whether their wallet address is known beforehand. */
export type ContactType = (typeof CONTACT_TYPES)[number];

export const VERIFICATION_FIELDS = ['DATE_OF_BIRTH', 'YEAR_MONTH', 'PIN', 'NATIONAL_ID_NUMBER'] as const;
export type VerificationField = (typeof VERIFICATION_FIELDS)[number];

export const MEMO_TYPES = ['text', 'id', 'hash', 'return'] as const;
export type MemoType = (typeof MEMO_TYPES)[number];

export const ROLES = [
  'owner',
  'financial_controller',
  'developer',
  'business',
  'initiator',
  'approver',
] as const;
export type Role = (typeof ROLES)[number];
