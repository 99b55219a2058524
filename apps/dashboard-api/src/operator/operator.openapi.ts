import { DISTRIBUTION_ACCOUNT_TYPES } from '@libs/tenants';

import { type ApiDescription, json } from '../openapi/api-description';
import {
  amount,
  flag,
  id,
  integer,
  listOf,
  moment,
  named,
  nullable,
  object,
  oneOf,
  text,
} from '../openapi/json-schema';

const UNKNOWN = { 404: 'There is no such tenant.' };
const REASON = { reason: { ...text, minLength: 1, maxLength: 100 } };
const BASE_ADDRESS = {
  ...text,
  maxLength: 2_048,
  description: 'http or https, a host and perhaps a path: no user, query, fragment or white space.',
};

const TENANT = {
  id,
  name: text,
  base_url: text,
  sdp_ui_base_url: text,
  status: oneOf(['TENANT_CREATED', 'TENANT_PROVISIONED', 'TENANT_ACTIVATED', 'TENANT_DEACTIVATED']),
  is_default: flag,
  created_at: moment,
  updated_at: moment,
  deleted_at: nullable(moment),
  distribution_account_address: nullable(text),
  distribution_account_type: text,
  distribution_account_status: text,
};

/** What the operator of the platform does, on a port of its own. */
export const operatorApi: ApiDescription = {
  tag: 'operator',
  schemas: {
    Tenant: object(TENANT),
    OutflowCeiling: object({
      asset_code: text,
      asset_issuer: text,
      amount_per_hour: amount,
      used_in_the_last_hour: amount,
      reached_at: nullable(moment),
    }),
    Paying: object({
      stopped: flag,
      holds: listOf(object({ reason: text, actor: text, since: moment })),
      may_still_be_paid_count: integer,
      may_still_be_paid: listOf(object({ tenant_id: id, payment_id: id, dispatch: integer, until: moment })),
    }),
  },
  routes: {
    'GET /tenants': { summary: 'The tenants', answers: { 200: json(listOf(named('Tenant'))) } },
    'POST /tenants': {
      summary: 'Make a tenant; repeating the call finishes what was begun',
      body: {
        schema: object(
          {
            name: { ...text, pattern: '^[a-z][a-z-]{0,62}$' },
            owner_email: text,
            owner_first_name: { ...text, minLength: 1, maxLength: 128 },
            owner_last_name: { ...text, minLength: 1, maxLength: 128 },
            organization_name: { ...text, minLength: 2, maxLength: 64 },
            distribution_account_type: oneOf(
              DISTRIBUTION_ACCOUNT_TYPES.filter((type) => !type.includes('CIRCLE')),
            ),
          },
          { base_url: BASE_ADDRESS, sdp_ui_base_url: BASE_ADDRESS },
        ),
      },
      answers: {
        201: json(named('Tenant'), 'It is ready to work.'),
        202: json(
          object({ ...TENANT, message: text }),
          'Its ledger account or the trustlines of it are still being made: it is ready by itself when they are.',
        ),
      },
    },
    'GET /tenants/:idOrName': {
      summary: 'A tenant',
      answers: { 200: json(named('Tenant')) },
      refusals: UNKNOWN,
    },
    'PATCH /tenants/:id': {
      summary: 'Switch a tenant off or on, or change its addresses',
      body: {
        schema: object(
          {},
          {
            base_url: BASE_ADDRESS,
            sdp_ui_base_url: BASE_ADDRESS,
            status: oneOf(['TENANT_ACTIVATED', 'TENANT_DEACTIVATED']),
          },
        ),
      },
      answers: {
        200: json(
          object(TENANT, {
            may_still_be_paid: {
              ...listOf(object({ payment_id: id, until: moment })),
              description: 'What was on its way before the switch, and until when it may be paid.',
            },
          }),
        ),
      },
      refusals: UNKNOWN,
    },
    'DELETE /tenants/:id': {
      summary: 'Delete a tenant that is switched off and holds nothing',
      answers: { 200: json(named('Tenant')), 304: { description: 'It was deleted before.' } },
      refusals: { 400: 'It is not switched off, or its account still holds something.', ...UNKNOWN },
    },
    'POST /tenants/default-tenant': {
      summary: 'Name the tenant of requests that name none',
      body: { schema: object({ id }) },
      answers: { 200: json(named('Tenant')) },
      refusals: { 403: 'The installation is not of one tenant (`SINGLE_TENANT_MODE`).', ...UNKNOWN },
    },
    'GET /tenants/:id/outflow-ceilings': {
      summary: 'How much the tenant may pay per hour; payments beyond it wait',
      answers: { 200: json(listOf(named('OutflowCeiling'))) },
      refusals: UNKNOWN,
    },
    'PUT /tenants/:id/outflow-ceilings': {
      summary: 'Set the ceiling of an asset; without an amount it is removed',
      body: {
        schema: object(
          {
            asset_code: { ...text, minLength: 1, maxLength: 12 },
            amount_per_hour: nullable({ ...text, pattern: '^[0-9]+(\\.[0-9]{1,7})?$' }),
            reason: { ...text, minLength: 1, maxLength: 1_000 },
          },
          { asset_issuer: { ...text, description: 'Empty for XLM.' } },
        ),
      },
      answers: { 200: json(listOf(named('OutflowCeiling'))) },
      refusals: { 404: 'There is no such tenant, or no ceiling to remove.' },
    },
    'GET /paying': { summary: 'Whether anything is paid at all', answers: { 200: json(named('Paying')) } },
    'POST /paying/stop': {
      summary: 'Stop all payments; nothing is signed any more when the call returns',
      body: { schema: object(REASON) },
      answers: { 200: json(named('Paying')) },
    },
    'POST /paying/resume': {
      summary: 'Lift a stop',
      body: {
        schema: object(REASON, { hold: { ...text, description: 'The reason of the stop that is lifted.' } }),
      },
      answers: { 200: json(named('Paying')) },
      refusals: { 409: 'Nothing is stopped, or `hold` must say which stop is meant.' },
    },
  },
};
