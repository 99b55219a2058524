import type { TenantContext, TenantTx } from '@libs/persistence';

import type { AuditRecord } from './audit-entry';
import type { AuditLogRepository } from './audit-log.repository';

/** What changed, as the code that changed it tells it. */
export interface NotedChange {
  readonly subjectType: string;
  readonly subjectId: string;
  readonly before: unknown;
  readonly after: unknown;
}

const noted = new WeakMap<TenantTx, NotedChange[]>();
const subjects = new WeakMap<TenantTx, string>();

/**
 * Tells the audit log what a change was: before and after, without what stayed. Secrets are taken out. It is written
 * when the database transaction commits; where nobody is audited (a job, a handler) it is forgotten.
 */
export function noteChange(tx: TenantTx, change: NotedChange): void {
  const changes = noted.get(tx) ?? [];
  changes.push(change);
  noted.set(tx, changes);
}

/** Tells the audit log the id of what a request is about, where its path cannot: of what it made, say. What that is like was in the request. */
export function noteSubject(tx: TenantTx, subjectId: string): void {
  subjects.set(tx, subjectId);
}

/** The request came to nothing, though it locked or used up something: what it asked for is not told as if it were done. */
export function noteNothing(tx: TenantTx): void {
  noted.set(tx, noted.get(tx) ?? []);
}

/** What is known of a request before it has done anything. */
export type AuditedRequest = Omit<AuditRecord, 'before'>;

/**
 * For `TenantContext.beforeCommit`: each database transaction of the request that writes something leaves a row per
 * noted change, or else one that holds what was asked. Reads leave a row only with `evenReads`.
 */
export const auditing =
  (log: AuditLogRepository, request: AuditedRequest, { evenReads = false } = {}) =>
  async (tx: TenantTx): Promise<void> => {
    const changes = noted.get(tx);
    if (changes === undefined) {
      const subjectId = subjects.get(tx) ?? request.subjectId;
      await log.append(tx, { ...request, subjectId, before: null }, { onlyWithChanges: !evenReads });
      return;
    }
    for (const change of changes) await log.append(tx, { ...request, ...change });
  };

/**
 * For a look before the work: its locks are no change, though PostgreSQL cannot tell them from one. What such a database
 * transaction writes is not in the audit log.
 */
export const onlyLooking = ({ tenantId, actor, trace }: TenantContext): TenantContext => ({
  tenantId,
  actor,
  trace,
});
