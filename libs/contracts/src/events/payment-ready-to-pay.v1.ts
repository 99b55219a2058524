import { z } from 'zod';

import { defineEvent } from './envelope';
import { accountField, amountField, assetField, ITEMS_PER_EVENT_MAX, memoField } from './fields';

/** These payments of one disbursement (null: direct) are handed over to submission. */
export const paymentReadyToPayV1 = defineEvent({
  topic: 'events.payment.ready_to_pay',
  types: [
    'payment-ready-to-pay-disbursement-started',
    'payment-ready-to-pay-receiver-verification-completed',
    'payment-ready-to-pay-retry-failed-payment',
    'payment-direct-payment',
  ],
  version: 1,
  data: z.strictObject({
    disbursement_id: z.uuid().nullable(),
    asset: assetField,
    payments: z
      .array(
        z.strictObject({
          id: z.uuid(),
          dispatch: z.int().positive(),
          receiver_wallet_id: z.uuid(),
          amount: amountField,
          destination: accountField,
          memo: memoField.nullable(),
        }),
      )
      .min(1)
      .max(ITEMS_PER_EVENT_MAX),
  }),
  order: 'none',
});
