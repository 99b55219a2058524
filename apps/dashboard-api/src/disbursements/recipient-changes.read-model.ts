import type { TenantTx } from '@libs/persistence';

/** One member of staff who changed where the money of one person goes. */
export interface RecipientChange {
  readonly receiver_id: string;
  readonly changed_at: string;
  readonly changed_by: { readonly id: string; readonly first_name: string; readonly last_name: string };
}

/** What staff changed of people since they were chosen to be paid: their addresses, contacts and verification values. */
export interface RecipientChanges {
  /** Names exactly these changes: who names it has seen them. 64 hexadecimal digits. */
  readonly version: string;
  readonly receivers: number;
  /** `user:<id>` of everybody who made one of them. */
  readonly madeBy: readonly string[];
  /** At most 20, the last ones first. */
  readonly newest: readonly RecipientChange[];
}

interface Row {
  readonly version: string | null;
  readonly receivers: number;
  readonly made_by: readonly string[] | null;
  readonly newest: readonly RecipientChange[];
}

/** Of people with a payment of the disbursement $4 that may still be made. Asked per change: there are few, and a million payments. */
const PAID_BY_DISBURSEMENT = `EXISTS (
  SELECT FROM disbursements.payments p
   WHERE p.tenant_id = $1 AND p.receiver_id = c.receiver_id AND p.disbursement_id = $4
     AND p.status NOT IN ('SUCCESS', 'CANCELED') OFFSET 0)`;
const RECEIVER = 'c.receiver_id = $4';

/** The changes of what is $2, since $3. */
const changes = (ofWhom: string): string => `
  WITH changed AS (
    SELECT c.receiver_id, c.changed_by, c.changed_at FROM receivers.staff_changes c
     WHERE c.tenant_id = $1 AND c.changed_at >= $3::timestamptz AND ${ofWhom})
  SELECT count(DISTINCT receiver_id)::int AS receivers, array_agg(DISTINCT 'user:' || changed_by) AS made_by,
         encode(sha256(convert_to($2 || string_agg(receiver_id::text || changed_by || extract(epoch FROM changed_at), ','
           ORDER BY receiver_id, changed_by), 'UTF8')), 'hex') AS version,
         (SELECT coalesce(json_agg(n), '[]') FROM (
            SELECT c.receiver_id, c.changed_at,
                   json_build_object('id', u.id, 'first_name', u.first_name, 'last_name', u.last_name) AS changed_by
              FROM changed c JOIN identity.users u ON u.tenant_id = $1 AND u.id = c.changed_by
             ORDER BY c.changed_at DESC, c.receiver_id LIMIT 20) n) AS newest
    FROM changed`;

/** What an approver has to know besides what was ordered. Null everywhere: nothing was changed. */
export class RecipientChangesReadModel {
  /**
   * Since it was last started, as who starts it has seen what was changed before; until then since it was made, as uploading its file
   * again hides no change from a review, or since its present file was published, for who can name no review.
   */
  async ofDisbursement(
    tx: TenantTx,
    id: string,
    orElse: 'since it was made' | 'since its file came' = 'since it was made',
  ): Promise<RecipientChanges | null> {
    const beginning = orElse === 'since it was made' ? 'd.created_at' : 'u.created_at';
    const seen = await tx.queryOne<{ readonly file: string; readonly since: string }>(
      `SELECT u.id AS file, coalesce((SELECT max((entry ->> 'timestamp')::timestamptz)
                FROM jsonb_array_elements(d.status_history) AS entry WHERE entry ->> 'status' = 'STARTED'), ${beginning})::text AS since
         FROM disbursements.disbursements d
         JOIN disbursements.uploads u ON u.tenant_id = d.tenant_id AND u.id = d.current_upload_id
        WHERE d.tenant_id = $1 AND d.id = $2`,
      [tx.tenantId, id],
    );
    if (seen === null) return null;
    return await this.read(tx, PAID_BY_DISBURSEMENT, [seen.file, seen.since, id]);
  }

  /** Since the direct payment was made. */
  async ofPayment(
    tx: TenantTx,
    payment: { readonly id: string; readonly receiverId: string; readonly createdAt: Date },
  ): Promise<RecipientChanges | null> {
    return await this.read(tx, RECEIVER, [payment.id, payment.createdAt.toISOString(), payment.receiverId]);
  }

  private async read(
    tx: TenantTx,
    ofWhom: string,
    [what, since, whose]: readonly [string, string, string],
  ): Promise<RecipientChanges | null> {
    const row = await tx.queryOne<Row & Record<string, unknown>>(changes(ofWhom), [
      tx.tenantId,
      what,
      since,
      whose,
    ]);
    if (row === null || row.version === null) return null;
    return { version: row.version, receivers: row.receivers, madeBy: row.made_by ?? [], newest: row.newest };
  }
}
