import { RESTING } from '@libs/messages';
import type { SystemTx, TenantTx } from '@libs/persistence';

/** Finds invitations that rest although their disbursement goes on, without a look at those whose disbursement is paused. */
export class RestingInvitationsReadModel {
  /** Organisations with invitations that rest, in the order of their ids. */
  async tenants(tx: SystemTx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT tenant.id FROM (SELECT id FROM tenants.tenants) AS tenant,
              LATERAL (SELECT FROM messages.messages m WHERE m.tenant_id = tenant.id AND ${RESTING} LIMIT 1) AS resting
        ORDER BY tenant.id`,
    );
    return rows.map(({ id }) => id);
  }

  /** Disbursements that are paused no more, some of whose invitations still rest; at most `limit`. */
  async resumed(tx: TenantTx, limit: number): Promise<string[]> {
    // It hops from disbursement to disbursement in the index, so a million that rest cost as much as one.
    const rows = await tx.query<{ id: string }>(
      `WITH RECURSIVE found AS (
         (SELECT disbursement_id FROM messages.messages
           WHERE tenant_id = $1 AND ${RESTING} ORDER BY disbursement_id LIMIT 1)
         UNION ALL
         SELECT (SELECT m.disbursement_id FROM messages.messages m
                  WHERE m.tenant_id = $1 AND ${RESTING} AND m.disbursement_id > found.disbursement_id
                  ORDER BY m.disbursement_id LIMIT 1)
           FROM found WHERE found.disbursement_id IS NOT NULL)
       SELECT disbursement_id AS id FROM found
        WHERE (SELECT d.status FROM disbursements.disbursements d
                WHERE d.tenant_id = $1 AND d.id = found.disbursement_id) <> 'PAUSED' LIMIT $2`,
      [tx.tenantId, limit],
    );
    return rows.map(({ id }) => id);
  }
}
