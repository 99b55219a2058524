import { z } from 'zod';

import { defineEvent } from './envelope';
import { assetField, ITEMS_PER_EVENT_MAX } from './fields';

/**
 * What is wrong with one payment must not hold back the others of its event: these fields are read leniently, and judged by
 * whoever pays. The lengths are what is kept of them.
 */
const saidAmount = z.string().max(40);
const saidAddress = z.string().max(100);
const saidMemo = z.strictObject({ type: z.string().max(20), value: z.string().max(200) });

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
          amount: saidAmount,
          destination: saidAddress,
          memo: saidMemo.nullable(),
        }),
      )
      .min(1)
      .max(ITEMS_PER_EVENT_MAX),
  }),
  order: 'none',
});
