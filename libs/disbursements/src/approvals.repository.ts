import type { TenantTx } from '@libs/persistence';

/** What is approved: a disbursement with the file that it has, or a payment with the dispatch that it would get. */
export interface ApprovalSubject {
  readonly id: string;
  /**
   * The upload's id, or the number of the last dispatch; where staff changed who gets the money, a digest of that. An approval of
   * another version does not count.
   */
  readonly version: string;
}

/** Who approved what, where more than one person has to. */
export class ApprovalsRepository {
  /**
   * Remembers that this user approved all of them, and tells whether somebody else of `approvers` had approved each of them
   * before.
   */
  async give(
    tx: TenantTx,
    approverId: string,
    subjects: readonly ApprovalSubject[],
    approvers: readonly string[],
  ): Promise<boolean> {
    const ids = subjects.map(({ id }) => id);
    const versions = subjects.map(({ version }) => version);
    await tx.execute(
      `INSERT INTO disbursements.approvals (tenant_id, subject_id, version, approver_id)
       SELECT $1, id, version, $4 FROM unnest($2::uuid[], $3::text[]) AS given (id, version) ORDER BY id
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, ids, versions, approverId],
    );
    const alone = await tx.queryOne(
      `SELECT FROM unnest($2::uuid[], $3::text[]) AS given (id, version)
        WHERE NOT EXISTS (SELECT FROM disbursements.approvals a
                           WHERE a.tenant_id = $1 AND a.subject_id = given.id AND a.version = given.version
                             AND a.approver_id <> $4 AND a.approver_id = ANY ($5::uuid[])) LIMIT 1`,
      [tx.tenantId, ids, versions, approverId, approvers],
    );
    return alone === null;
  }

  /** Another dispatch of each of these payments, to its receiver as staff have changed them since the payment was made. */
  async retriesOf(tx: TenantTx, paymentIds: readonly string[]): Promise<readonly ApprovalSubject[]> {
    return await tx.query<ApprovalSubject & Record<string, unknown>>(
      `SELECT p.id, coalesce(
                (SELECT encode(sha256(convert_to(p.dispatch || string_agg(',' || changed_by || extract(epoch FROM changed_at), ''
                          ORDER BY changed_by), 'UTF8')), 'hex')
                   FROM receivers.staff_changes
                  WHERE tenant_id = $1 AND receiver_id = p.receiver_id AND changed_at >= p.created_at),
                p.dispatch::text) AS version
         FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])`,
      [tx.tenantId, paymentIds],
    );
  }

  /**
   * Everybody (`user:<id>`) who made one of these payments: their disbursement, its file, or the direct payment; or who changed since
   * then where the money of their receivers goes.
   */
  async makersOf(tx: TenantTx, paymentIds: readonly string[]): Promise<readonly string[]> {
    const rows = await tx.query<{ maker: string }>(
      `SELECT DISTINCT entry ->> 'actor' AS maker
         FROM disbursements.disbursements d, jsonb_array_elements(d.status_history) AS entry
        WHERE d.tenant_id = $1 AND entry ->> 'status' IN ('DRAFT', 'READY') AND entry ->> 'actor' IS NOT NULL
          AND d.id IN (SELECT disbursement_id FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[]))
        UNION
       SELECT 'user:' || created_by FROM disbursements.payments
        WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND created_by IS NOT NULL
        UNION
       SELECT 'user:' || c.changed_by FROM disbursements.payments p CROSS JOIN LATERAL (
                SELECT changed_by FROM receivers.staff_changes
                 WHERE tenant_id = $1 AND receiver_id = p.receiver_id AND changed_at >= p.created_at OFFSET 0) c
        WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])`,
      [tx.tenantId, paymentIds],
    );
    return rows.map((row) => row.maker);
  }
}
