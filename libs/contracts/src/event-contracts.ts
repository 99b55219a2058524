import { disbursementStatusChangedV1 } from './events/disbursement-status-changed.v1';
import { ledgerAccountReadyV1, ledgerAccountRequestedV1 } from './events/ledger-account.v1';
import { messagesRequestedV1 } from './events/messages-requested.v1';
import { paymentCompletedV1 } from './events/payment-completed.v1';
import { paymentReadyToPayV1 } from './events/payment-ready-to-pay.v1';
import { paymentRequestedV1 } from './events/payment-requested.v1';
import { receiverWalletNewInvitationV1 } from './events/receiver-wallet-new-invitation.v1';
import { receiverWalletRegisteredV1 } from './events/receiver-wallet-registered.v1';

/** Every event of the platform: topics are created, documented and checked from this list alone. */
export const EVENT_CONTRACTS = [
  disbursementStatusChangedV1,
  paymentRequestedV1,
  receiverWalletNewInvitationV1,
  messagesRequestedV1,
  receiverWalletRegisteredV1,
  paymentReadyToPayV1,
  paymentCompletedV1,
  ledgerAccountRequestedV1,
  ledgerAccountReadyV1,
] as const;
