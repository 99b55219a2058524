import { PERMISSIONS } from '@libs/identity';

import { type ApiDescription, empty, json } from '../openapi/api-description';
import { id, listOf, moment, named, object, oneOf, text } from '../openapi/json-schema';

const NETWORKS = {
  anyOf: [text, listOf(text)],
  description: 'Addresses or networks (`192.0.2.0/24`) that it counts from; nothing: everywhere.',
};
const PERMISSION_LIST = { ...listOf(oneOf(PERMISSIONS)), minItems: 1 };
const KEY = {
  id,
  name: text,
  permissions: listOf(oneOf(PERMISSIONS)),
  created_at: moment,
  created_by: text,
  updated_at: moment,
  updated_by: text,
};
const MAYBE = { expiry_date: moment, allowed_ips: listOf(text), last_used_at: moment };
const UNKNOWN = { 404: 'There is no such key.' };

/** Keys for programs. A key never may more than the person who made it, at the moment of use. */
export const apiKeysApi: ApiDescription = {
  tag: 'API keys',
  schemas: {
    ApiKey: object(KEY, MAYBE),
    NewApiKey: object({ ...KEY, key: { ...text, description: 'The text to send, shown once.' } }, MAYBE),
  },
  routes: {
    'GET /api-keys': {
      summary: 'The keys that the caller made',
      answers: { 200: json(listOf(named('ApiKey'))) },
    },
    'POST /api-keys': {
      summary: 'Make a key',
      body: {
        schema: object(
          { name: { ...text, minLength: 1, maxLength: 128 }, permissions: PERMISSION_LIST },
          { expiry_date: moment, allowed_ips: NETWORKS },
        ),
      },
      answers: { 201: json(named('NewApiKey')) },
    },
    'GET /api-keys/:id': {
      summary: 'A key',
      answers: { 200: json(named('ApiKey')) },
      refusals: UNKNOWN,
    },
    'PATCH /api-keys/:id': {
      summary: 'Change what a key may',
      body: { schema: object({ permissions: PERMISSION_LIST }, { allowed_ips: NETWORKS }) },
      answers: { 200: json(named('ApiKey')) },
      refusals: UNKNOWN,
    },
    'DELETE /api-keys/:id': {
      summary: 'Revoke a key, at once',
      answers: { 204: empty },
      refusals: UNKNOWN,
    },
  },
};
