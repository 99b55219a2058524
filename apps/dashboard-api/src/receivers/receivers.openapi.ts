import { CONTACT_TYPES, RECEIVER_WALLET_STATUSES, VERIFICATION_FIELDS } from '@libs/contracts';

import {
  type ApiDescription,
  CREATED_QUERY,
  json,
  PAGE_QUERY,
  SEARCH_QUERY,
  sortQuery,
} from '../openapi/api-description';
import {
  address,
  amount,
  countText,
  flag,
  id,
  integer,
  listOf,
  moment,
  named,
  nothing,
  nullable,
  object,
  oneOf,
  pageOf,
  text,
} from '../openapi/json-schema';

const RECEIVED = listOf(object({ asset_code: text, asset_issuer: text, received_amount: amount }));
const RECEIVER = {
  id,
  external_id: text,
  created_at: moment,
  updated_at: moment,
  total_payments: countText,
  successful_payments: countText,
  failed_payments: countText,
  canceled_payments: countText,
  remaining_payments: countText,
  registered_wallets: countText,
  received_amounts: RECEIVED,
  wallets: listOf(named('ReceiverWallet')),
};
const CONTACTS = { email: text, phone_number: { ...text, examples: ['+254710000001'] } };
const UNKNOWN = { 404: 'There is nobody with this id.' };
const TAKEN = { 409: 'Somebody else has this contact or address; `extras` says which.' };

/** The people who are paid. */
export const receiversApi: ApiDescription = {
  tag: 'receivers',
  schemas: {
    ReceiverWallet: object(
      {
        id,
        receiver: object({ id }),
        wallet: object(
          { id, name: text, homepage: text, deep_link_schema: text, enabled: flag, user_managed: flag },
          { sep_10_client_domain: text },
        ),
        status: oneOf(RECEIVER_WALLET_STATUSES),
        created_at: moment,
        updated_at: moment,
        invitation_sent_at: nullable(moment),
        total_payments: countText,
        payments_received: countText,
        failed_payments: countText,
        canceled_payments: countText,
        remaining_payments: countText,
        received_amounts: RECEIVED,
      },
      {
        stellar_address: address,
        stellar_memo: text,
        stellar_memo_type: text,
        sep24_transaction_id: text,
        invited_at: moment,
        last_message_sent_at: moment,
      },
    ),
    Verification: object({
      receiver_id: id,
      verification_field: oneOf(VERIFICATION_FIELDS),
      attempts: integer,
      created_at: moment,
      updated_at: moment,
      confirmed_at: nullable(moment),
      failed_at: nullable(moment),
      verification_channel: nullable(text),
      confirmed_by_type: nullable(oneOf(['RECEIVER', 'USER'])),
      confirmed_by_id: nullable(text),
    }),
    Receiver: object(RECEIVER, CONTACTS),
    ReceiverDetails: object({ ...RECEIVER, verifications: listOf(named('Verification')) }, CONTACTS),
  },
  routes: {
    'GET /registration-contact-types': {
      summary: 'The ways in which people can be reached',
      answers: { 200: json(listOf(oneOf(CONTACT_TYPES))) },
    },
    'GET /receivers/verification-types': {
      summary: 'What people can be asked for to prove who they are',
      answers: { 200: json(listOf(oneOf(VERIFICATION_FIELDS))) },
    },
    'GET /receivers': {
      summary: 'The people who are paid',
      query: {
        ...SEARCH_QUERY,
        status: { ...text, description: `Of a wallet of theirs: ${RECEIVER_WALLET_STATUSES.join(', ')}.` },
        ...CREATED_QUERY,
        ...sortQuery(['created_at', 'updated_at'], 'updated_at'),
        ...PAGE_QUERY,
      },
      answers: { 200: json(pageOf(named('Receiver'))) },
    },
    'POST /receivers': {
      summary: 'Enter somebody by hand',
      body: {
        schema: object(
          { external_id: { ...text, minLength: 1, maxLength: 64 } },
          {
            ...CONTACTS,
            verifications: listOf(object({ type: oneOf(VERIFICATION_FIELDS), value: text })),
            wallets: { ...listOf(object({ address }, { memo: text })), maxItems: 1 },
          },
        ),
      },
      answers: { 201: json(named('ReceiverDetails')) },
      refusals: TAKEN,
    },
    'GET /receivers/:id': {
      summary: 'Somebody who is paid',
      answers: { 200: json(named('ReceiverDetails')) },
      refusals: UNKNOWN,
    },
    'PATCH /receivers/:id': {
      summary: 'Correct contacts, the external id, or what they prove themselves with',
      body: {
        schema: object(
          {},
          {
            ...CONTACTS,
            external_id: { ...text, maxLength: 64 },
            date_of_birth: { ...text, examples: ['1990-01-30'] },
            year_month: { ...text, examples: ['1990-12'] },
            pin: nullable(text),
            national_id: text,
          },
        ),
      },
      answers: { 200: json(named('ReceiverDetails')) },
      refusals: { ...UNKNOWN, ...TAKEN },
    },
    'PATCH /receivers/wallets/:id': {
      summary: 'Invite again',
      body: { schema: object({}), optional: true },
      answers: {
        200: json(
          object({ id, receiver_id: id, wallet_id: id, created_at: moment, invitation_sent_at: nothing }),
        ),
      },
      refusals: { 404: 'There is no such wallet that waits for its registration.' },
    },
    'PATCH /receivers/wallets/:id/status': {
      summary: 'Unregister a wallet: the person registers again before they are paid',
      body: { schema: object({ status: { ...text, description: '`READY`, in any case of letters.' } }) },
      answers: { 200: json(named('Message')) },
      refusals: UNKNOWN,
    },
    'PATCH /receivers/:receiver_id/wallets/:id': {
      summary: 'Correct the address of a wallet that has no provider',
      body: {
        schema: object(
          { stellar_address: address },
          { stellar_memo: { ...text, description: 'Empty: none.' } },
        ),
      },
      answers: { 200: json(named('ReceiverWallet')) },
      refusals: { ...UNKNOWN, ...TAKEN },
    },
  },
};
