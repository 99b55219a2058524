import type { TenantTx } from '@libs/persistence';

import { PUBLISH_TABLE } from './publish-table';

/** Edits, which are short and rare, each alone; publications beside each other. PostgreSQL lets none pass who waits. */
const LOCK = `hashtextextended('receivers:contacts:' || $1::text, 0)`;
/** Longer than a change takes from its lock to its commit: what is older was seen when the people of the file were found. */
const LOOKED_BACK = '5 minutes';

/**
 * Between staff who change a contact and a file whose people were found by theirs: somebody else may have the old one by the time it
 * is published, and would not be paid.
 */
export class ContactChanges {
  /** Before anything of the person is locked. Waits for publications of that moment, some milliseconds. */
  async lockForChange(tx: TenantTx): Promise<void> {
    await tx.execute(`SELECT pg_advisory_xact_lock(${LOCK})`, [tx.tenantId]);
  }

  /** Until the commit nobody changes a contact. Returns a row of the matched file whose person has another one meanwhile, or null. */
  async lockForPublication(
    tx: TenantTx,
    contact: 'phone_number' | 'email',
    matchedAt: string,
  ): Promise<{ readonly line: number; readonly contact: string } | null> {
    await tx.execute(`SELECT pg_advisory_xact_lock_shared(${LOCK})`, [tx.tenantId]);
    // Another statement: it sees what was committed while the lock was waited for.
    return await tx.queryOne<{ line: number; contact: string }>(
      `WITH changed AS MATERIALIZED (
         SELECT r.id, r.contact FROM receivers.staff_changes c
          CROSS JOIN LATERAL (SELECT id, ${contact} AS contact FROM receivers.receivers
                               WHERE tenant_id = $1 AND id = c.receiver_id LIMIT 1) r
          WHERE c.tenant_id = $1 AND c.changed_at > $2::timestamptz - $3::interval)
       SELECT u.line, u.contact FROM ${PUBLISH_TABLE} u
        WHERE EXISTS (SELECT FROM changed)
          AND (u.receiver_id IN (SELECT id FROM changed)) IS TRUE
          AND ((u.receiver_id, u.contact) IN (SELECT id, contact FROM changed)) IS NOT TRUE
        ORDER BY u.line LIMIT 1`,
      [tx.tenantId, matchedAt, LOOKED_BACK],
    );
  }
}
