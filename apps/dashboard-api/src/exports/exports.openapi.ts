import { DISBURSEMENT_STATUSES, PAYMENT_STATUSES, RECEIVER_WALLET_STATUSES } from '@libs/contracts';

import {
  type ApiDescription,
  CREATED_QUERY,
  file,
  SEARCH_QUERY,
  sortQuery,
} from '../openapi/api-description';
import { text } from '../openapi/json-schema';

/** Of every download. */
export const EXPORTS_BUSY = { 429: 'Other exports are still running.' };
const CSV = file(
  'text/csv',
  'RFC 4180, in UTF-8. A cell of free text that a spreadsheet could run as a formula begins with an apostrophe.',
);

/** Whole lists as files. */
export const exportsApi: ApiDescription = {
  tag: 'exports',
  schemas: {},
  routes: {
    'GET /exports/disbursements': {
      summary: 'The disbursements of a list as CSV',
      query: {
        ...SEARCH_QUERY,
        status: { ...text, description: `Some of ${DISBURSEMENT_STATUSES.join(', ')}, with commas.` },
        ...CREATED_QUERY,
        ...sortQuery(['name', 'created_at'], 'created_at'),
      },
      answers: { 200: CSV },
      refusals: EXPORTS_BUSY,
    },
    'GET /exports/payments': {
      summary: 'The payments of a list as CSV',
      query: {
        ...SEARCH_QUERY,
        status: { ...text, description: `One of ${PAYMENT_STATUSES.join(', ')}.` },
        type: { ...text, description: '`direct` or `disbursement`.' },
        receiver_id: text,
        ...CREATED_QUERY,
        ...sortQuery(['created_at', 'updated_at'], 'updated_at'),
      },
      answers: { 200: CSV },
      refusals: EXPORTS_BUSY,
    },
    'GET /exports/receivers': {
      summary: 'The receivers of a list as CSV',
      query: {
        ...SEARCH_QUERY,
        status: { ...text, description: `One of ${RECEIVER_WALLET_STATUSES.join(', ')}.` },
        ...CREATED_QUERY,
        ...sortQuery(['created_at', 'updated_at'], 'updated_at'),
      },
      answers: { 200: CSV },
      refusals: EXPORTS_BUSY,
    },
  },
};
