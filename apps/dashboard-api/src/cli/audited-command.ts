import { userInfo } from 'node:os';

import { auditing, AuditLogRepository } from '@libs/identity';
import type { TenantContext } from '@libs/persistence';

/** What a command changes is in the audit log of the organisation, under the account of the machine that ran it. */
export const auditedCommand = (command: string): NonNullable<TenantContext['beforeCommit']> => {
  const name = accountName();
  return auditing(new AuditLogRepository(), {
    actor: { type: 'operator', id: 'command line', name },
    address: '',
    requestId: '',
    action: command,
    subjectType: 'tenants',
    subjectId: '',
    after: null,
  });
};

/** A container may run under a number that has no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
