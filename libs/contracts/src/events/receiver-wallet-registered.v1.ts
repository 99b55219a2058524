import { z } from 'zod';

import { defineEvent } from './envelope';

/** This wallet can be paid now. */
export const receiverWalletRegisteredV1 = defineEvent({
  topic: 'events.receiver-wallets.registered',
  types: ['receiver-wallet-registered'],
  version: 1,
  data: z.strictObject({
    receiver_wallet_id: z.uuid(),
  }),
});
