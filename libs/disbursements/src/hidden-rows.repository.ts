import type { PaymentStatus } from '@libs/contracts';
import { LOWEST_ID } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { BEFORE_START } from './upload/publish-payments.repository';

/** What nobody sees: the payments of an upload that is arriving or was replaced, or a whole disbursement. */
export interface HiddenRemains {
  /** Of the upload, or of the disbursement. */
  readonly id: string;
  readonly disbursementId: string;
  readonly why: 'ARRIVING' | 'REPLACED' | 'REMOVED';
}

/** Where a removal goes on. */
export interface RemovalPlace {
  readonly status: PaymentStatus;
  readonly after: string;
}

/** Payments of whom: of one upload, or of all of a disbursement. */
export interface RemovablePayments {
  readonly disbursementId: string;
  readonly uploadId: string | null;
}

const TABLE = 'disbursements.hidden_rows';
/** Bounded, so that no lock lasts: some 50 ms of work. */
const ROWS_AT_ONCE = 1_000;

/**
 * What is in the tables but seen by nobody: the policies of payments leave out each upload that is named here, for every
 * reader in the same moment, and those of disbursements each that was removed. So payments arrive and leave in small database
 * transactions, and what they belong to changes in one that touches a few rows.
 */
export class HiddenRows {
  /** Before the first payment of an upload is written. */
  async hideArriving(tx: TenantTx, uploadId: string, disbursementId: string): Promise<void> {
    await tx.execute(
      `INSERT INTO ${TABLE} (tenant_id, id, disbursement_id, why) VALUES ($1, $2, $3, 'ARRIVING')
       ON CONFLICT (tenant_id, id) DO NOTHING`,
      [tx.tenantId, uploadId, disbursementId],
    );
  }

  /** From the commit on everybody sees the payments of the one upload, and nobody those of the other. */
  async showInstead(
    tx: TenantTx,
    uploadId: string,
    previous: { readonly uploadId: string | null; readonly disbursementId: string },
  ): Promise<void> {
    await tx.execute(`DELETE FROM ${TABLE} WHERE tenant_id = $1 AND id = $2`, [tx.tenantId, uploadId]);
    if (previous.uploadId === null) return;
    await tx.execute(
      `INSERT INTO ${TABLE} (tenant_id, id, disbursement_id, why) VALUES ($1, $2, $3, 'REPLACED')`,
      [tx.tenantId, previous.uploadId, previous.disbursementId],
    );
  }

  /**
   * Deletes a disbursement that never started: from the commit on nobody sees it or its payments, and its name is free: it gets one that
   * nobody can give, as names that people give do not begin with a space. False: it
   * started, or is not there. Its rows are taken away afterwards, whatever their number.
   */
  async removeDisbursement(tx: TenantTx, id: string): Promise<boolean> {
    await seeHidden(tx);
    const removed = await tx.queryOne(
      `WITH gone AS (
         UPDATE disbursements.disbursements SET removed_at = now(), name = ' removed ' || id, updated_at = now()
          WHERE tenant_id = $1 AND id = $2 AND status IN ('DRAFT', 'READY') AND removed_at IS NULL
         RETURNING id, current_upload_id
       ), hidden AS (
         INSERT INTO ${TABLE} (tenant_id, id, disbursement_id, why)
         SELECT $1, id, id, 'REMOVED' FROM gone
         UNION ALL SELECT $1, current_upload_id, id, 'REPLACED' FROM gone WHERE current_upload_id IS NOT NULL
       ), refused AS (
         DELETE FROM disbursements.upload_parts p USING gone, disbursements.upload_jobs j
          WHERE j.tenant_id = $1 AND j.disbursement_id = gone.id AND j.state = 'REFUSED' AND p.tenant_id = $1 AND p.upload_id = j.id
       ), jobs AS (
         DELETE FROM disbursements.upload_jobs j USING gone
          WHERE j.tenant_id = $1 AND j.disbursement_id = gone.id AND j.settled_at IS NOT NULL
            AND (j.state = 'PUBLISHED' OR NOT j.brought_people)
       ) SELECT 1 FROM gone`,
      [tx.tenantId, id],
    );
    return removed !== null;
  }

  /** What is hidden under the id of an upload or a disbursement; null when nothing is. */
  async find(tx: TenantTx, id: string): Promise<HiddenRemains | null> {
    return await tx.queryOne<HiddenRemains & Record<string, unknown>>(
      `SELECT id, disbursement_id AS "disbursementId", why FROM ${TABLE} WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
  }

  /**
   * Takes away some payments that nobody sees; from where to go on in a database transaction of its own, null when none is left.
   * They are found again by their places, not by a join: of a table that has just grown PostgreSQL knows nothing.
   */
  async removePayments(
    tx: TenantTx,
    of: RemovablePayments,
    place: RemovalPlace | null,
  ): Promise<RemovalPlace | null> {
    await seeHidden(tx);
    const status = place?.status ?? BEFORE_START[0] ?? 'DRAFT';
    const row = await tx.queryOne<{ last: string | null; found: number; removed: number }>(
      `WITH chosen AS (
         SELECT id, ctid AS place FROM disbursements.payments
          WHERE tenant_id = $1 AND disbursement_id = $2 AND status = ANY($3) AND id > $4 AND ($5::uuid IS NULL OR upload_id = $5)
          ORDER BY status, id LIMIT ${String(ROWS_AT_ONCE)}),
       gone AS (
         DELETE FROM disbursements.payments p USING chosen
          WHERE p.tenant_id = $1 AND p.ctid = chosen.place AND ${ofNamedRows('p.status = ANY($3)')} RETURNING p.id),
       texts AS (
         DELETE FROM disbursements.payment_texts t WHERE t.tenant_id = $1 AND t.payment_id = ANY(ARRAY(SELECT id FROM gone)))
       SELECT count(*)::int AS found, (SELECT count(*) FROM gone)::int AS removed,
              (array_agg(id ORDER BY id DESC))[1] AS last
         FROM chosen`,
      [tx.tenantId, of.disbursementId, [status], place?.after ?? LOWEST_ID, of.uploadId],
    );
    // One that somebody wrote meanwhile has another place now; left behind, it would be seen once the upload is forgotten.
    if (row !== null && row.removed < row.found) return { status, after: place?.after ?? LOWEST_ID };
    if (row !== null && row.last !== null && row.found === ROWS_AT_ONCE) return { status, after: row.last };
    const next = BEFORE_START[BEFORE_START.indexOf(status) + 1];
    return next === undefined ? null : { status: next, after: LOWEST_ID };
  }

  /** After its last payment: nothing of it is left. */
  async forget(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM ${TABLE} WHERE tenant_id = $1 AND id = $2`, [tx.tenantId, id]);
  }

  /** After its last payment: the disbursement that was removed, with its uploads. */
  async forgetDisbursement(tx: TenantTx, id: string): Promise<void> {
    await seeHidden(tx);
    await tx.execute(
      `WITH gone AS (
         DELETE FROM disbursements.disbursements WHERE tenant_id = $1 AND id = $2 AND removed_at IS NOT NULL RETURNING id
       ), parts AS (
         DELETE FROM disbursements.upload_parts p USING gone
          WHERE p.tenant_id = $1 AND p.upload_id IN (
            SELECT u.id FROM disbursements.uploads u WHERE u.tenant_id = $1 AND u.disbursement_id = gone.id
            UNION SELECT h.id FROM ${TABLE} h WHERE h.tenant_id = $1 AND h.disbursement_id = gone.id AND h.why = 'REPLACED'))
       DELETE FROM ${TABLE} h WHERE h.tenant_id = $1 AND h.disbursement_id = $2 AND h.why <> 'ARRIVING'`,
      [tx.tenantId, id],
    );
  }
}

/** Until the end of the database transaction. */
async function seeHidden(tx: TenantTx): Promise<void> {
  await tx.execute(`SELECT set_config('app.sees_hidden', 'on', true)`);
}
