import { PAYMENT_STATUSES, RECEIVER_WALLET_STATUSES } from '@libs/contracts';

import {
  type ApiDescription,
  CREATED_QUERY,
  IDEMPOTENCY_HEADER,
  json,
  PAGE_QUERY,
  SEARCH_QUERY,
  sortQuery,
} from '../openapi/api-description';
import {
  amount,
  flag,
  id,
  listOf,
  moment,
  named,
  nullable,
  object,
  oneOf,
  pageOf,
  type Schema,
  text,
} from '../openapi/json-schema';

const UNKNOWN = { 404: 'There is no such payment.' };
const DISPUTED = {
  409: 'The outcomes of the payment contradict each other and somebody has to look at it first, or the Idempotency-Key was used for another request.',
};
const historyOf = (statuses: readonly string[]): Schema =>
  listOf(object({ status: oneOf(statuses), status_message: text, timestamp: moment }));

/** What a payment says of itself, wherever it is shown. */
export const PAYMENT: Readonly<Record<string, Schema>> = {
  id,
  amount,
  stellar_transaction_id: {
    ...text,
    description: 'The hash of the ledger transaction; empty until there is one.',
  },
  stellar_operation_id: text,
  status: oneOf(PAYMENT_STATUSES),
  status_history: historyOf(PAYMENT_STATUSES),
  type: oneOf(['DISBURSEMENT', 'DIRECT']),
  asset: object({ id, code: text, issuer: text, deleted_at: nullable(moment) }),
  created_at: moment,
  updated_at: moment,
};
/** Beside it, where there is something to say. */
export const PAYMENT_MAYBE: Readonly<Record<string, Schema>> = {
  external_payment_id: text,
  sender_address: text,
  disputed: flag,
  cancellation_requested: flag,
  created_by: object({ id: text, first_name: text, last_name: text }),
  awaits_approval: flag,
};
export const RECEIVER_WALLET_OF_PAYMENT: Schema = object({
  id,
  receiver: object({ id }),
  wallet: object({ id, name: text, enabled: flag }),
  stellar_address: text,
  stellar_memo: text,
  stellar_memo_type: text,
  status: oneOf(RECEIVER_WALLET_STATUSES),
  status_history: historyOf(RECEIVER_WALLET_STATUSES),
  created_at: moment,
  updated_at: moment,
  invitation_sent_at: nullable(moment),
});

/** Single payments. */
export const paymentsApi: ApiDescription = {
  tag: 'payments',
  schemas: {
    Payment: object(
      { ...PAYMENT, receiver_wallet: RECEIVER_WALLET_OF_PAYMENT },
      {
        ...PAYMENT_MAYBE,
        recipient_changes: {
          ...named('RecipientChanges'),
          description:
            'Of a payment that waits for approval, shown alone: what was changed of its receiver since it was made.',
        },
        disbursement: object({ id, name: text, status: text, created_at: moment, updated_at: moment }),
      },
    ),
  },
  routes: {
    'GET /payments': {
      summary: 'The payments',
      query: {
        ...SEARCH_QUERY,
        status: { ...text, description: `One of ${PAYMENT_STATUSES.join(', ')}.` },
        type: { ...text, description: '`direct` or `disbursement`.' },
        receiver_id: text,
        ...CREATED_QUERY,
        ...sortQuery(['created_at', 'updated_at'], 'updated_at'),
        ...PAGE_QUERY,
      },
      answers: { 200: json(pageOf(named('Payment'))) },
    },
    'POST /payments': {
      summary: 'Pay somebody directly',
      details: 'Goes ahead of disbursements. Somebody who has not registered yet is invited.',
      headers: IDEMPOTENCY_HEADER,
      body: {
        schema: object(
          {
            amount: { ...text, examples: ['12.5'] },
            asset: { anyOf: [object({ id }), object({ type: text }, { code: text, issuer: text })] },
            receiver: object({}, { id: text, email: text, phone_number: text, wallet_address: text }),
            wallet: object({}, { id: text, address: text }),
          },
          { external_payment_id: { ...text, maxLength: 64 } },
        ),
      },
      answers: { 201: json(named('Payment')) },
      refusals: {
        404: 'There is no such asset, receiver or wallet.',
        409: 'The Idempotency-Key was used for another request.',
      },
    },
    'POST /payments/:id/approval': {
      summary: 'Approve a direct payment that somebody else made',
      headers: IDEMPOTENCY_HEADER,
      body: {
        schema: object(
          {},
          {
            recipient_changes: {
              ...nullable(text),
              description:
                'The `version` of the `recipient_changes` that `GET /payments/{id}` has shown, where there are any.',
            },
          },
        ),
        optional: true,
      },
      answers: {
        200: json(named('Message'), 'It is paid.'),
        202: json(named('Message'), 'Another approver is needed.'),
      },
      refusals: {
        ...UNKNOWN,
        409: 'Its receiver was changed since it was made and the payment was not looked at again, or the Idempotency-Key was used for another request.',
      },
    },
    'GET /payments/:id': {
      summary: 'A payment',
      answers: { 200: json(named('Payment')) },
      refusals: UNKNOWN,
    },
    'PATCH /payments/retry': {
      summary: 'Pay what failed again, all or none',
      headers: IDEMPOTENCY_HEADER,
      body: { schema: object({ payment_ids: { ...listOf(text), minItems: 1, maxItems: 1000 } }) },
      answers: { 200: json(named('Message')), 202: json(named('Message'), 'Another approver is needed.') },
      refusals: DISPUTED,
    },
    'PATCH /payments/:id/status': {
      summary: 'Cancel a payment',
      headers: IDEMPOTENCY_HEADER,
      body: { schema: object({ status: { ...text, description: '`CANCELED`, in any case of letters.' } }) },
      answers: {
        200: json(named('Message'), 'It is cancelled and will not be paid.'),
        202: json(named('Message'), 'It is on its way; it is cancelled if this attempt ends unpaid.'),
      },
      refusals: { ...UNKNOWN, ...DISPUTED },
    },
  },
};
