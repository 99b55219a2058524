import { type ApiDescription, json } from '../openapi/api-description';
import { amount, integer, listOf, named, object, type Schema, text } from '../openapi/json-schema';

const PAYMENT_KINDS = ['draft', 'ready', 'pending', 'paused', 'success', 'failed', 'canceled'] as const;
const eachOf = (names: readonly string[], schema: Schema): Record<string, Schema> =>
  Object.fromEntries(names.map((name) => [name, schema]));
const AMOUNT_OR_NONE = { anyOf: [amount, { const: '' }] };
const COMMON = {
  payment_counters: object({ ...eachOf(PAYMENT_KINDS, integer), total: integer }),
  payment_amounts_by_asset: listOf(
    object({
      asset_code: text,
      asset_issuer: text,
      payment_amounts: object({ ...eachOf(PAYMENT_KINDS, AMOUNT_OR_NONE), average: amount, total: amount }),
    }),
  ),
  receiver_wallets_counters: object(eachOf(['draft', 'ready', 'registered', 'flagged', 'total'], integer)),
  total_receivers: integer,
};

/** Counts and sums. */
export const statisticsApi: ApiDescription = {
  tag: 'statistics',
  schemas: {
    Statistics: object({ ...COMMON, total_disbursements: integer }),
    DisbursementStatistics: object(COMMON),
  },
  routes: {
    'GET /statistics': { summary: 'Of the organisation', answers: { 200: json(named('Statistics')) } },
    'GET /statistics/:id': {
      summary: 'Of a disbursement',
      answers: { 200: json(named('DisbursementStatistics')) },
      refusals: { 404: 'There is no such disbursement.' },
    },
  },
};
