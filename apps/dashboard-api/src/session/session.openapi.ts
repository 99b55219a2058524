import { type ApiDescription, empty, json } from '../openapi/api-description';
import {
  anyObject,
  flag,
  id,
  listOf,
  moment,
  named,
  nothing,
  nullable,
  object,
  oneOf,
  text,
} from '../openapi/json-schema';

const DEVICE = {
  'Device-ID': 'A random text that stands for the browser; needed where a second factor is asked for.',
};
const REMEMBERED_DEVICE = { 'Device-ID*': 'The same text as at `POST /login`.' };
const REFRESH_IN_BODY = {
  refresh_in_body: {
    ...flag,
    description: 'The refresh token comes in the answer instead of a cookie that scripts cannot read.',
  },
};
const FACTORS = listOf(oneOf(['totp', 'passkey', 'email_code', 'recovery_code']));
const SIGN_IN_BODY = object({ email: text, password: text }, { ...REFRESH_IN_BODY, recaptcha_token: text });

/** Signing in and out. */
export const sessionApi: ApiDescription = {
  tag: 'sign-in',
  schemas: {
    Tokens: object(
      { token: text },
      { refresh_token: { ...text, description: 'Only where it was asked for in the body. It counts once.' } },
    ),
    SecondFactorAsked: object(
      { message: text },
      {
        second_factors: FACTORS,
        passkey_options: { ...anyObject, description: 'The question for `navigator.credentials.get`.' },
      },
    ),
    Session: object({
      id,
      is_current: flag,
      address: nullable(text),
      user_agent: nullable(text),
      created_at: moment,
      last_seen_at: moment,
      expires_at: moment,
    }),
    Message: object({ message: text }),
  },
  routes: {
    'POST /login': {
      summary: 'Sign in with e-mail and password',
      details:
        'Where a second factor is asked for, the answer names those that count; go on with `POST /mfa`.',
      headers: DEVICE,
      body: { schema: SIGN_IN_BODY },
      answers: {
        200: json(
          { anyOf: [named('Tokens'), named('SecondFactorAsked')] },
          'Signed in, or a second factor is asked for.',
        ),
      },
      refusals: { 401: 'E-mail or password is wrong, or the user is switched off.' },
    },
    'POST /mfa': {
      summary: 'Show a second factor',
      headers: REMEMBERED_DEVICE,
      body: {
        schema: object(
          {},
          {
            mfa_code: { ...text, description: 'Of the app, of the letter, or a recovery code.' },
            passkey: {
              ...nullable(anyObject),
              description: 'What `navigator.credentials.get` answered, as JSON.',
            },
            remember_me: { ...flag, description: 'Do not ask again on this device for seven days.' },
            ...REFRESH_IN_BODY,
            recaptcha_token: text,
          },
        ),
      },
      answers: { 200: json(named('Tokens'), 'Signed in.') },
      refusals: { 401: 'The second factor is wrong, was used before, or is no longer waited for.' },
    },
    'POST /mfa/email': {
      summary: 'Ask for a code by e-mail instead',
      headers: REMEMBERED_DEVICE,
      body: { schema: anyObject, optional: true },
      answers: { 200: json(named('Message'), 'A code was sent, if anybody waits for one on this device.') },
    },
    'POST /mfa/passkey-options': {
      summary: 'The question for a passkey',
      headers: REMEMBERED_DEVICE,
      body: { schema: anyObject, optional: true },
      answers: { 200: json(anyObject, 'For `navigator.credentials.get`.') },
      refusals: { 401: 'Nobody waits for a second factor on this device.' },
    },
    'POST /forgot-password': {
      summary: 'Ask for a link to set a new password',
      body: { schema: object({ email: text }, { recaptcha_token: text }) },
      answers: { 200: json(named('Message'), 'The same whether the address is known or not.') },
    },
    'POST /reset-password': {
      summary: 'Set a new password with the token of the letter',
      body: { schema: object({ password: text, reset_token: text }) },
      answers: { 200: json(nothing, 'Done. All sessions of the user have ended.') },
    },
    'POST /refresh-token': {
      summary: 'Renew a session',
      details:
        'With the refresh token (cookie or body), which is replaced; or, for old clients, with the token alone while it counts. ' +
        'A refresh token that was used before ends the session.',
      body: { schema: object({}, { refresh_token: text, ...REFRESH_IN_BODY }), optional: true },
      answers: { 200: json(named('Tokens'), 'Renewed.') },
    },
    'POST /logout': {
      summary: 'End this session',
      details: 'Without a token that still counts: the session of the refresh token (cookie or body).',
      body: { schema: object({}, { refresh_token: text }), optional: true },
      answers: { 204: empty },
    },
    'GET /sessions': {
      summary: 'The sessions of the person who asks',
      answers: { 200: json(listOf(named('Session')), 'The newest first.') },
    },
    'DELETE /sessions': { summary: 'End all sessions of the person who asks', answers: { 204: empty } },
    'DELETE /sessions/:id': {
      summary: 'End a session',
      answers: { 204: empty },
      refusals: { 404: 'There is no such session.' },
    },
  },
};
