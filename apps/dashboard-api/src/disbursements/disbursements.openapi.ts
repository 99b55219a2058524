import { CONTACT_TYPES, DISBURSEMENT_STATUSES, VERIFICATION_FIELDS } from '@libs/contracts';

import {
  type ApiDescription,
  CREATED_QUERY,
  file,
  IDEMPOTENCY_HEADER,
  json,
  PAGE_QUERY,
  SEARCH_QUERY,
  sortQuery,
} from '../openapi/api-description';
import {
  amount,
  anyObject,
  flag,
  id,
  integer,
  listOf,
  moment,
  named,
  nullable,
  object,
  oneOf,
  pageOf,
  text,
} from '../openapi/json-schema';
import { PAYMENT, PAYMENT_MAYBE, RECEIVER_WALLET_OF_PAYMENT } from '../payments/payments.openapi';

const UNKNOWN = { 404: 'There is no such disbursement.' };
const READ_AS = object({
  separator: oneOf(['comma', 'semicolon', 'tab']),
  encoding: oneOf(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
});
const UPLOAD_REFUSALS = {
  408: 'Nothing came of the body for too long.',
  503: 'Too many files are being uploaded at this moment; `Retry-After` says when to try again.',
};
const PERSON = object({ id: text, first_name: text, last_name: text });
const FILE = { type: 'string', format: 'binary', description: 'CSV, with the columns of its contact type.' };
const ORDER = {
  name: { ...text, minLength: 1, maxLength: 128 },
  asset_id: id,
  registration_contact_type: oneOf(CONTACT_TYPES),
};
const ORDER_MORE = {
  wallet_id: { ...text, description: 'Not with an address in the file.' },
  verification_field: {
    ...oneOf([...VERIFICATION_FIELDS, '']),
    description: 'Not with an address in the file.',
  },
  receiver_registration_message_template: { ...text, maxLength: 255 },
};

/** Files of people and amounts. */
export const disbursementsApi: ApiDescription = {
  tag: 'disbursements',
  schemas: {
    Disbursement: object(
      {
        id,
        name: text,
        wallet: object(
          { id, name: text, enabled: flag, user_managed: flag, embedded: flag },
          { homepage: text, sep_10_client_domain: text, deep_link_schema: text },
        ),
        asset: object({ id, code: text, issuer: text, deleted_at: nullable(moment) }),
        status: oneOf(DISBURSEMENT_STATUSES),
        status_history: listOf(
          object({ user_id: text, status: oneOf(DISBURSEMENT_STATUSES), timestamp: moment }),
        ),
        receiver_registration_message_template: text,
        created_at: moment,
        updated_at: moment,
        registration_contact_type: oneOf(CONTACT_TYPES),
        total_payments: integer,
        total_payments_sent: integer,
        total_payments_failed: integer,
        total_payments_canceled: integer,
        total_payments_remaining: integer,
        amount_disbursed: amount,
        total_amount: amount,
        average_amount: amount,
        created_by: PERSON,
        started_by: PERSON,
      },
      { file_name: text, verification_field: oneOf(VERIFICATION_FIELDS), ledger_fees: amount },
    ),
    DisbursementReceiver: object(
      {
        id,
        external_id: text,
        created_at: moment,
        updated_at: moment,
        receiver_wallet: RECEIVER_WALLET_OF_PAYMENT,
        payment: object(PAYMENT, PAYMENT_MAYBE),
      },
      { email: text, phone_number: text },
    ),
    Upload: object({
      id,
      disbursement_id: id,
      file_name: text,
      state: {
        ...oneOf(['RECEIVING', 'CHECKING', 'PUBLISHING', 'PUBLISHED', 'REFUSED', 'LOST']),
        description:
          '`LOST`: what received it is gone; upload the file again. Nothing of a refused or lost file stays, and the file before stays as it was.',
      },
      bytes_received: integer,
      rows_read: integer,
      rows_valid: integer,
      rows_wrong: integer,
      rows_per_second: integer,
      read_as: nullable(READ_AS),
      started_at: moment,
      ended_at: nullable(moment),
      refusal: {
        ...nullable(object({ status: integer, error: text }, { extras: anyObject })),
        description: 'What the answer to the upload would have been.',
      },
      errors_until: {
        ...nullable(moment),
        description:
          'Of a file with wrong lines: until when `GET /disbursements/{id}/upload/errors` names all of them.',
      },
    }),
    DryRun: object(
      {
        dry_run: { const: true },
        would_be_published: flag,
        refusal: {
          ...nullable(object({ status: integer, error: text }, { extras: anyObject })),
          description: 'What the answer to an upload would be.',
        },
        rows_read: integer,
        rows_wrong: { ...integer, description: 'Rows in which something is wrong, each looked at alone.' },
        totals: {
          ...nullable(
            object({
              payments: integer,
              total_amount: amount,
              average_amount: amount,
              smallest_amount: nullable(amount),
              largest_amount: nullable(amount),
              median_amount: nullable(amount),
              new_receivers: integer,
              known_receivers: integer,
              duplicates_in_file: { ...integer, description: 'Rows with a person of an earlier row.' },
              in_open_disbursements: {
                ...object({
                  receivers: integer,
                  disbursements: listOf(
                    object({ id, name: text, status: oneOf(DISBURSEMENT_STATUSES), receivers: integer }),
                  ),
                }),
                description:
                  'People of the file for whom payments of other disbursements are still to come, and the 20 of those with the most of them.',
              },
              recently_paid: object({ days: integer, receivers: integer }),
              far_from_median: {
                ...object({
                  times: integer,
                  payments: integer,
                  first: listOf(object({ line: integer, external_id: text, amount })),
                }),
                description:
                  'Payments of more than so many times the median, or of less than that part of it, and the first 20 of them.',
              },
            }),
          ),
          description: 'Of the rows that could be read. Null when the file is no table.',
        },
      },
      { read_as: READ_AS },
    ),
    RecipientChanges: {
      ...object({
        version: { ...text, description: 'Names exactly these changes: for who has seen them.' },
        receivers: integer,
        newest: {
          ...listOf(
            object({
              receiver_id: id,
              changed_at: moment,
              changed_by: object({ id, first_name: text, last_name: text }),
            }),
          ),
          description: 'The last 20 of them.',
        },
      }),
      description: 'People whose address, contact or verification was changed by staff.',
    },
    DisbursementReview: object({
      disbursement_id: id,
      name: text,
      status: oneOf(DISBURSEMENT_STATUSES),
      asset: object({ code: text, issuer: text }),
      file: nullable(object({ id, name: text, uploaded_at: moment })),
      total_payments: { ...integer, description: 'Without cancelled ones.' },
      total_amount: amount,
      average_amount: amount,
      largest_payment: nullable(object({ payment_id: id, receiver_id: id, external_id: text, amount })),
      new_receivers: { ...integer, description: 'People to whom the organisation never paid anything.' },
      previous_file: {
        ...nullable(
          object({
            name: text,
            payments: integer,
            amount,
            added: object({ payments: integer, amount }),
            removed: object({ payments: integer, amount }),
            changed: object({ payments: integer, amount, amount_before: amount }),
          }),
        ),
        description: 'How the file differs from the one that it replaced.',
      },
      recipient_changes: {
        ...nullable(named('RecipientChanges')),
        description: 'Since the disbursement was last started, or else since it was made.',
      },
      approvals: listOf(object({ id, first_name: text, last_name: text, approved_at: moment })),
    }),
  },
  routes: {
    'GET /disbursements': {
      summary: 'The disbursements',
      query: {
        ...SEARCH_QUERY,
        status: {
          ...text,
          description: `One or more of ${DISBURSEMENT_STATUSES.join(', ')}, separated by commas.`,
        },
        ...CREATED_QUERY,
        ...sortQuery(['name', 'created_at'], 'created_at'),
        ...PAGE_QUERY,
      },
      answers: { 200: json(pageOf(named('Disbursement'))) },
    },
    'POST /disbursements': {
      summary: 'Make a disbursement, with or without its file',
      headers: IDEMPOTENCY_HEADER,
      details: 'As JSON; or as a multipart form with `data`, the same as a JSON text, and `file`.',
      body: {
        schema: object({ ...ORDER }, ORDER_MORE),
        form: object({ data: text, file: FILE }),
      },
      answers: {
        201: json(named('Disbursement')),
        202: json(
          named('Disbursement'),
          'Its file has more than 10,000 rows: the disbursement is in DRAFT until the upload has ended.',
        ),
      },
      refusals: {
        ...UPLOAD_REFUSALS,
        409: 'There is one with this name, somebody of its file got another contact while that was read, or the Idempotency-Key was used for another request.',
      },
    },
    'GET /disbursements/:id': {
      summary: 'A disbursement',
      answers: { 200: json(named('Disbursement')) },
      refusals: UNKNOWN,
    },
    'DELETE /disbursements/:id': {
      summary: 'Delete a disbursement that was not started',
      answers: { 200: json(named('Disbursement'), 'What was deleted.') },
      refusals: { ...UNKNOWN, 400: 'It was started.', 409: 'A file is being uploaded for it.' },
    },
    'GET /disbursements/:id/review': {
      summary: 'What an approver should look at before the start',
      answers: { 200: json(named('DisbursementReview')) },
      refusals: UNKNOWN,
    },
    'GET /disbursements/:id/receivers': {
      summary: 'Who is paid with it, and how far that is',
      query: { ...sortQuery(['created_at', 'updated_at'], 'created_at'), ...PAGE_QUERY },
      answers: { 200: json(pageOf(named('DisbursementReceiver'))) },
      refusals: UNKNOWN,
    },
    'GET /disbursements/:id/instructions': {
      summary: 'The file, byte for byte',
      answers: { 200: file('text/csv', 'The file as it was uploaded.') },
      refusals: UNKNOWN,
    },
    'POST /disbursements/:id/instructions': {
      summary: 'Upload the file of people and amounts',
      headers: IDEMPOTENCY_HEADER,
      details:
        'Replaces what was uploaded before. Nothing is kept of a file with a mistake; `extras` names each by line.',
      query: {
        dry_run: {
          ...oneOf(['true', 'false']),
          default: 'false',
          description:
            'Checks the file and tells what it comes to (`DryRun`), and writes nothing. The answer waits for the end, whatever the size: a million rows take about a minute.',
        },
        paid_within_days: {
          ...integer,
          minimum: 1,
          maximum: 3_650,
          default: 30,
          description: 'For a dry run: who was paid in the last so many days is counted.',
        },
      },
      body: { schema: object({ file: FILE }), mediaTypes: ['multipart/form-data'] },
      answers: {
        200: json({
          anyOf: [object({ message: text }, { read_as: READ_AS }), named('DryRun')],
        }),
        202: json(
          object({ message: text, upload_id: id }),
          'It has more than 10,000 rows: it is being checked and published, and `GET /disbursements/{id}/upload` tells how far it is.',
        ),
      },
      refusals: {
        ...UNKNOWN,
        ...UPLOAD_REFUSALS,
        409: 'Another upload for it goes on, an address of the file belongs to somebody else, somebody of it got another contact while it was read, or the Idempotency-Key was used for another request.',
      },
    },
    'GET /registration-contact-types/:type/template': {
      summary: 'An empty file to fill in',
      details: 'Its header names every column that a file of this contact type may have.',
      query: {
        verification_field: {
          ...oneOf([...VERIFICATION_FIELDS, '']),
          description: 'Empty for people who need no verification.',
        },
      },
      answers: { 200: file('text/csv', 'A header and no rows.') },
      refusals: { 404: 'There is no such contact type.' },
    },
    'GET /disbursements/:id/upload': {
      summary: 'How far the newest upload is',
      answers: { 200: json(named('Upload')) },
      refusals: { 404: 'There is no such disbursement, or no file was uploaded for it.' },
    },
    'GET /disbursements/:id/upload/errors': {
      summary: 'Everything that is wrong in the newest file',
      details:
        'Each wrong line as it was sent, with what is wrong and how to mend it in front: mend it, and upload it again. For a day after the refusal, or until another file comes. In UTF-8 with a byte order mark and the separator of the file; a cell that a spreadsheet could run as a formula begins with an apostrophe.',
      answers: { 200: file('text/csv', 'The wrong lines, whatever their number.') },
      refusals: {
        404: 'There is no such disbursement, no file was uploaded for it, or nothing is wrong with the newest one.',
        409: 'The newest file is still being checked.',
        410: 'The refused file is not kept any more: upload it again.',
        503: 'Too many files are being worked on at this moment; `Retry-After` says when to try again.',
      },
    },
    'GET /disbursements/:id/upload/events': {
      summary: 'The same, each time that it has changed',
      details:
        'Server-sent events named `upload` with the upload as JSON. The stream ends when the upload has ended, or when who listens may no longer see it.',
      answers: { 200: file('text/event-stream', 'The events.') },
      refusals: {
        404: 'There is no such disbursement, or no file was uploaded for it.',
        503: 'Too many listen at this moment.',
      },
    },
    'PATCH /disbursements/:id/status': {
      summary: 'Start or pause',
      headers: IDEMPOTENCY_HEADER,
      body: {
        schema: object(
          { status: { ...text, description: '`STARTED` or `PAUSED`, in any case of letters.' } },
          {
            file: {
              ...nullable(id),
              description:
                'For a start: the id of the file that `GET /disbursements/{id}/review` has shown. It is refused when another one is there, or when its people were changed since.',
            },
            recipient_changes: {
              ...nullable(text),
              description:
                'For a start: the `version` of the `recipient_changes` that the review has shown, where there are any.',
            },
          },
        ),
      },
      answers: {
        200: json(
          object(
            { message: text },
            {
              may_still_be_paid: {
                ...listOf(object({ payment_id: id, until: moment })),
                description: 'What was on its way before the pause, and until when it may be paid.',
              },
            },
          ),
        ),
        202: json(named('Message'), 'The approval is kept; another user has to approve it as well.'),
      },
      refusals: {
        ...UNKNOWN,
        409: 'The distribution account does not hold enough (`error` says how much), another file is there than the one named, its people were changed since and the review was not looked at again, or the Idempotency-Key was used for another request.',
      },
    },
  },
};
