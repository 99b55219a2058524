import { type ApiDescription, empty, json } from '../openapi/api-description';
import {
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
  text,
} from '../openapi/json-schema';

const RECOVERY_CODES = { ...listOf(text), description: 'Shown once; each counts once.' };
const NO_BODY = { schema: anyObject, optional: true } as const;

/** What a person shows beside the password. */
export const secondFactorApi: ApiDescription = {
  tag: 'second factor',
  schemas: {
    SecondFactors: object({
      totp: object({ confirmed_at: nullable(moment) }),
      passkeys: listOf(object({ id, name: text, created_at: moment, last_used_at: nullable(moment) })),
      recovery_codes_left: integer,
      email_code_allowed: flag,
      remembered_devices: listOf(object({ id: text, remembered_until: moment })),
    }),
  },
  routes: {
    'GET /profile/second-factors': {
      summary: 'What the person has set up',
      answers: { 200: json(named('SecondFactors')) },
    },
    'POST /profile/totp': {
      summary: 'Begin to set up an authenticator app',
      body: NO_BODY,
      answers: { 201: json(object({ secret: text, uri: text, qr_code: text }), 'The secret, shown once.') },
      refusals: { 409: 'One is set up already.' },
    },
    'POST /profile/totp/confirm': {
      summary: 'Show the first code of the app; from then on it counts',
      body: { schema: object({ code: text }) },
      answers: {
        200: json(object({}, { recovery_codes: RECOVERY_CODES }), 'With recovery codes if there were none.'),
      },
    },
    'DELETE /profile/totp': {
      summary: 'Remove the authenticator app',
      answers: { 204: empty },
      refusals: { 404: 'None is set up.' },
    },
    'POST /profile/passkeys/options': {
      summary: 'The question for a new passkey or security key',
      body: NO_BODY,
      answers: { 200: json(anyObject, 'For `navigator.credentials.create`.') },
    },
    'POST /profile/passkeys': {
      summary: 'Add a passkey or security key',
      body: {
        schema: object({
          name: { ...text, minLength: 1, maxLength: 128 },
          response: { ...anyObject, description: 'What `navigator.credentials.create` answered, as JSON.' },
        }),
      },
      answers: { 201: json(object({ id, name: text }, { recovery_codes: RECOVERY_CODES })) },
    },
    'DELETE /profile/passkeys/:id': {
      summary: 'Remove a passkey',
      answers: { 204: empty },
      refusals: { 404: 'The person has no such passkey.' },
    },
    'POST /profile/recovery-codes': {
      summary: 'Replace the recovery codes',
      body: NO_BODY,
      answers: { 201: json(object({ recovery_codes: RECOVERY_CODES })) },
      refusals: { 409: 'There is no app and no passkey that they could stand for.' },
    },
    'DELETE /profile/devices': { summary: 'Forget all remembered devices', answers: { 204: empty } },
    'DELETE /profile/devices/:id': {
      summary: 'Forget a remembered device',
      answers: { 204: empty },
      refusals: { 404: 'There is no such device.' },
    },
    'POST /step-up/options': {
      summary: 'What may be shown now, for something that asks for a fresh second factor',
      body: {
        schema: object({}, { email_code: { ...flag, description: 'Send a code by e-mail.' } }),
        optional: true,
      },
      answers: {
        200: json(
          object(
            {
              second_factors: listOf(oneOf(['totp', 'passkey', 'email_code', 'recovery_code'])),
              email_code_sent: flag,
            },
            { passkey_options: anyObject },
          ),
        ),
      },
    },
    'POST /step-up': {
      summary: 'Show a second factor again',
      body: { schema: object({}, { code: text, passkey: anyObject }) },
      answers: { 204: empty },
    },
  },
};
