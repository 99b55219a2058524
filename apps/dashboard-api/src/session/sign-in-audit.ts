import type { AuditRecord, StaffUser } from '@libs/identity';
import type { Request } from 'express';

import { auditedRequestOf } from '../access/audited-request';

/**
 * What the audit log keeps of a step that a person takes without a token of a session; nothing of what was typed, which
 * opens one.
 */
export const signInRecord = (
  request: Request,
  user: StaffUser,
  path: '/login' | '/mfa' | '/reset-password' | '/refresh-token' | '/logout',
  sessionId: string | null = null,
): AuditRecord => ({
  ...auditedRequestOf(request, { method: 'POST', path }, { type: 'user', id: user.id, name: user.email }),
  subjectType: sessionId === null ? 'user' : 'session',
  subjectId: sessionId ?? user.id,
  before: null,
  after: null,
});
