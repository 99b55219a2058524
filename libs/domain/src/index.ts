export { attemptMachine, type AttemptMove } from './attempt.state-machine';
export { channelAccountMachine, type ChannelAccountMove } from './channel-account.state-machine';
export { disbursementMachine, type DisbursementMove } from './disbursement.state-machine';
export {
  keyRotationMachine,
  type KeyRotationMove,
  type KeyRotationStatus,
} from './key-rotation.state-machine';
export { messageMachine, type MessageMove } from './message.state-machine';
export { paymentMachine, type PaymentMove } from './payment.state-machine';
export { receiverWalletMachine, type ReceiverWalletMove } from './receiver-wallet.state-machine';
export { submissionMachine, type SubmissionMove } from './submission.state-machine';
export { tenantMachine, type TenantMove } from './tenant.state-machine';
