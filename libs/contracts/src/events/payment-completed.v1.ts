import { z } from 'zod';

import { defineEvent } from './envelope';
import { accountField, amountField, ITEMS_PER_EVENT_MAX, ledgerHashField } from './fields';

export const PAYMENT_OUTCOMES = ['SUCCESS', 'FAILED', 'WITHDRAWN'] as const;

/**
 * What became of these dispatches of one disbursement (null: direct).
 *
 * `ledger_transaction` is the evidence; it is null only when no attempt reached a ledger.
 */
export const paymentCompletedV1 = defineEvent({
  topic: 'events.payment.payment_completed',
  types: ['payment-completed-success', 'payment-completed-error'],
  version: 1,
  data: z.strictObject({
    disbursement_id: z.uuid().nullable(),
    ledger_transaction: z
      .strictObject({
        hash: ledgerHashField,
        ledger: z.int().positive(),
        closed_at: z.iso.datetime(),
        source_account: accountField,
      })
      .nullable(),
    payments: z
      .array(
        z.strictObject({
          id: z.uuid(),
          dispatch: z.int().positive(),
          outcome: z.enum(PAYMENT_OUTCOMES),
          /** What the ledger moved; null unless the outcome is SUCCESS. */
          amount_paid: amountField.nullable(),
          operation_id: z.string().max(32).nullable(),
          /** The result code that decided, in ASCII; null on success. */
          reason_code: z.string().max(64).nullable(),
        }),
      )
      .min(1)
      .max(ITEMS_PER_EVENT_MAX),
  }),
  order: 'none',
});
