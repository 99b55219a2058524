import { EXPORTS_BUSY } from '../exports/exports.openapi';
import { type ApiDescription, CREATED_QUERY, file, json, PAGE_QUERY } from '../openapi/api-description';
import {
  anyObject,
  countText,
  moment,
  named,
  nullable,
  object,
  oneOf,
  pageOf,
  text,
} from '../openapi/json-schema';
import { ACTOR_TYPES } from './audit-query';

const FILTER = {
  actor_type: oneOf(ACTOR_TYPES),
  actor_id: text,
  action: { ...text, examples: ['PATCH /organization'] },
  subject_type: text,
  subject_id: text,
  request_id: { ...text, description: 'As `X-Request-Id` of the answer named it.' },
  ...CREATED_QUERY,
};

/** Who did what. */
export const auditApi: ApiDescription = {
  tag: 'audit log',
  schemas: {
    AuditEntry: object({
      seq: countText,
      at: moment,
      actor: object({ type: text, id: text, name: text }),
      address: text,
      request_id: text,
      action: text,
      subject: object({ type: text, id: text }),
      before: nullable(anyObject),
      after: nullable(anyObject),
      hash: { ...text, description: 'Over this entry and the hash of the one before.' },
    }),
  },
  routes: {
    'GET /audit': {
      summary: 'What people, keys and the operator did',
      query: { ...FILTER, ...PAGE_QUERY, direction: oneOf(['asc', 'desc']) },
      answers: { 200: json(pageOf(named('AuditEntry')), 'The newest first.') },
    },
    'GET /exports/audit': {
      summary: 'The same as CSV',
      query: FILTER,
      answers: { 200: file('text/csv', 'The oldest first.') },
      refusals: EXPORTS_BUSY,
    },
  },
};
