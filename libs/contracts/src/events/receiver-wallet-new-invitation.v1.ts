import { z } from 'zod';

import { defineEvent } from './envelope';
import { ITEMS_PER_EVENT_MAX } from './fields';

/** These receiver wallets may be invited for this disbursement (null: for a direct payment). */
export const receiverWalletNewInvitationV1 = defineEvent({
  topic: 'events.receiver-wallets.new_invitation',
  types: ['batch-receiver-wallet-sms-invitation', 'retry-receiver-wallet-sms-invitation'],
  version: 1,
  data: z.strictObject({
    disbursement_id: z.uuid().nullable(),
    receiver_wallet_ids: z.array(z.uuid()).min(1).max(ITEMS_PER_EVENT_MAX),
  }),
  order: 'none',
});
