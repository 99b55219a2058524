import { type ApiDescription, empty, json } from '../openapi/api-description';
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
  text,
} from '../openapi/json-schema';

const FLAG_QUERY = oneOf(['true', 'false']);
const ISSUER = { ...text, description: 'Empty for XLM.' };
const REFERENCE = {
  anyOf: [
    object({ id }),
    object({ type: { const: 'native' } }),
    object({ code: text }, { type: { const: 'classic' }, issuer: text }),
  ],
};
const WALLET_FIELDS = {
  name: { ...text, maxLength: 30 },
  homepage: text,
  deep_link_schema: text,
  sep_10_client_domain: text,
};
const WALLET_MORE = {
  enabled: flag,
  assets: { ...listOf(REFERENCE), maxItems: 100 },
  assets_ids: { ...listOf(id), deprecated: true },
};
const UNKNOWN_WALLET = { 404: 'There is no such wallet.' };
const TAKEN = { 409: 'A wallet with this name, home page or deep link exists.' };
const LEDGER_REFUSED = { 422: 'The ledger refused; `error` says why.' };

/** What can be paid with, and the wallets that people may register with. */
export const catalogueApi: ApiDescription = {
  tag: 'catalogue',
  schemas: {
    Asset: object(
      {
        id,
        code: text,
        issuer: ISSUER,
        created_at: moment,
        updated_at: moment,
        deleted_at: nullable(moment),
      },
      {
        enabled: {
          ...flag,
          description: 'Whether the distribution account trusts it; only where that was asked for.',
        },
        balance: amount,
        message: text,
      },
    ),
    Wallet: object(
      {
        id,
        name: text,
        homepage: text,
        deep_link_schema: text,
        enabled: flag,
        user_managed: flag,
        embedded: flag,
        assets: listOf(named('Asset')),
        created_at: moment,
        updated_at: moment,
      },
      { sep_10_client_domain: text, deleted_at: nullable(moment) },
    ),
    Balances: object({
      account: object({ type: text, status: text }, { address: text }),
      balances: listOf(object({ amount, asset_code: text, asset_issuer: ISSUER })),
    }),
  },
  routes: {
    'GET /balances': {
      summary: 'What the distribution account holds',
      answers: { 200: json(named('Balances')) },
    },
    'GET /assets': {
      summary: 'The assets',
      query: {
        wallet: { ...text, description: 'Only those that this wallet provider takes.' },
        enabled: {
          ...FLAG_QUERY,
          description: 'Only those that the distribution account trusts, or does not.',
        },
      },
      answers: { 200: json(listOf(named('Asset'))) },
    },
    'POST /assets': {
      summary: 'Add an asset, with its trustline',
      body: {
        schema: object({ code: { ...text, minLength: 1, maxLength: 12 } }, { issuer: nullable(text) }),
      },
      answers: {
        201: json(named('Asset'), 'Added.'),
        202: json(named('Asset'), 'Added; the trustline is still being created.'),
      },
      refusals: LEDGER_REFUSED,
    },
    'DELETE /assets/:id': {
      summary: 'Take an asset out of use, with its trustline',
      answers: {
        200: json(named('Asset'), 'Deleted.'),
        202: json(
          named('Asset'),
          'Deleted; the trustline is still being removed, and the asset is back if that is refused.',
        ),
        204: { description: 'It was deleted before.' },
      },
      refusals: { 404: 'There is no such asset.', ...LEDGER_REFUSED },
    },
    'GET /wallets': {
      summary: 'The wallet providers',
      query: {
        enabled: FLAG_QUERY,
        user_managed: FLAG_QUERY,
        supported_assets: {
          ...text,
          description: 'Codes or ids, separated by commas: only wallets that take all of them.',
        },
        include_deleted: FLAG_QUERY,
      },
      answers: { 200: json(listOf(named('Wallet'))) },
    },
    'POST /wallets': {
      summary: 'Add a wallet provider',
      body: {
        schema: {
          ...object(WALLET_FIELDS, {
            enabled: flag,
            assets: { ...WALLET_MORE.assets, minItems: 1 },
            assets_ids: { ...WALLET_MORE.assets_ids, minItems: 1 },
          }),
          // Under one of the two names. Not as `anyOf`, of which the client would have no type.
          if: { not: { required: ['assets_ids'] } },
          then: { required: ['assets'] },
        },
      },
      answers: { 201: json(named('Wallet')) },
      refusals: TAKEN,
    },
    'PATCH /wallets/:id': {
      summary: 'Change a wallet provider',
      body: { schema: object({}, { ...WALLET_FIELDS, ...WALLET_MORE }) },
      answers: { 200: json(named('Wallet')) },
      refusals: { ...UNKNOWN_WALLET, ...TAKEN },
    },
    'DELETE /wallets/:id': {
      summary: 'Take a wallet provider out of use',
      answers: { 204: empty },
      refusals: {
        ...UNKNOWN_WALLET,
        400: 'Somebody is still to register or to be paid with it, or it has no provider.',
      },
    },
  },
};
