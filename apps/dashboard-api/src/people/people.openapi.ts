import { ROLES } from '@libs/contracts';

import { type ApiDescription, json, sortQuery } from '../openapi/api-description';
import { flag, id, listOf, named, object, oneOf, text } from '../openapi/json-schema';

const ROLE_LIST = { ...listOf(oneOf(ROLES)), minItems: 1, maxItems: 1, description: 'Exactly one.' };
const NAME = { ...text, minLength: 1, maxLength: 128 };

/** Staff. */
export const peopleApi: ApiDescription = {
  tag: 'staff',
  schemas: {
    User: object({
      id,
      first_name: text,
      last_name: text,
      email: text,
      is_active: flag,
      roles: listOf(oneOf(ROLES)),
    }),
    Profile: object({
      id,
      first_name: text,
      last_name: text,
      email: text,
      roles: listOf(oneOf(ROLES)),
      organization_name: text,
    }),
  },
  routes: {
    'GET /users': {
      summary: 'The staff of the organisation',
      query: sortQuery(['email', 'is_active'], 'email'),
      answers: { 200: json(listOf(named('User'))) },
    },
    'POST /users': {
      summary: 'Invite somebody by e-mail',
      body: { schema: object({ first_name: NAME, last_name: NAME, email: text, roles: ROLE_LIST }) },
      answers: { 201: json(named('User')) },
    },
    'GET /users/roles': {
      summary: 'The roles that there are',
      answers: { 200: json(object({ roles: listOf(oneOf(ROLES)) })) },
    },
    'PATCH /users/roles': {
      summary: 'Give somebody another role, at once',
      body: { schema: object({ user_id: id, roles: ROLE_LIST }) },
      answers: { 200: json(named('Message')) },
    },
    'PATCH /users/activation': {
      summary: 'Switch somebody off or on, at once',
      body: { schema: object({ user_id: id, is_active: flag }) },
      answers: { 200: json(named('Message')) },
    },
    'GET /profile': { summary: 'Who asks', answers: { 200: json(named('Profile')) } },
    'PATCH /profile': {
      summary: 'Change the own name or e-mail address',
      body: { schema: object({}, { first_name: text, last_name: text, email: text }) },
      answers: { 200: json(named('Message')) },
    },
    'PATCH /profile/reset-password': {
      summary: 'Change the own password; all sessions end, also this one',
      body: {
        schema: object({ current_password: text, new_password: { ...text, minLength: 12, maxLength: 128 } }),
      },
      answers: { 200: json(named('Message')) },
    },
  },
};
