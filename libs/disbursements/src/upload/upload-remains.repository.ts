import { PAYMENT_STATUSES } from '@libs/contracts';
import type { SystemTx, TenantTx } from '@libs/persistence';
import type { ArrivalsPlace } from '@libs/receivers';

import type { HiddenRemains, RemovalPlace } from '../hidden-rows.repository';
import { ACTIVE_UPLOAD, UPLOAD_LOST_AFTER } from './upload-jobs.repository';

/** Something that uploads or a deleted disbursement have left: payments that nobody sees, an upload to be settled, the bytes of a refused file. */
export type Remains =
  | { readonly kind: 'hidden'; readonly id: string; readonly rows: HiddenRemains }
  | { readonly kind: 'upload' | 'file'; readonly id: string };

/** Where the settlement of an upload goes on: of one that was not published, and of one that was. */
export type SettlementPlace =
  | { readonly of: 'payments'; readonly from: RemovalPlace | null }
  | { readonly of: 'people'; readonly from: ArrivalsPlace }
  | { readonly of: 'addresses' | 'values' | 'invitations'; readonly from: string };

export interface LeftUpload {
  readonly id: string;
  readonly disbursementId: string;
  /** When its payments were seen; null when they never are. */
  readonly publishedAt: Date | null;
  /** Some of its people may be there. */
  readonly broughtPeople: boolean;
  /** Its bytes are kept for who mends them. */
  readonly isKept: boolean;
  readonly place: SettlementPlace | null;
}

interface LeftRow {
  readonly disbursement_id: string;
  readonly published_at: Date | null;
  readonly brought_people: boolean;
  readonly is_kept: boolean;
  readonly settled_to: SettlementPlace | null;
}

const TABLE = 'disbursements.upload_jobs';
const LISTED_MAX = 100;
const PAID_AT_ONCE = 1_000;
/** Who published it does what is left, unless nothing is heard of them; nobody but the sweep does it for any other that has ended. */
const UNSETTLED = `settled_at IS NULL AND CASE WHEN ${ACTIVE_UPLOAD} OR state = 'PUBLISHED'
  THEN beat_at < now() - interval '${UPLOAD_LOST_AFTER}' ELSE true END`;

/** What uploads and deleted disbursements leave to be done, by whichever process has its turn. */
export class UploadRemains {
  /** Tenants behind `after` with anything left, in the order of their ids. */
  async tenants(tx: SystemTx, after: string, limit: number): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant_id: string }>(
      `SELECT DISTINCT tenant_id FROM (
         SELECT tenant_id FROM ${TABLE} WHERE tenant_id > $1 AND ${UNSETTLED}
         UNION ALL SELECT tenant_id FROM ${TABLE} WHERE tenant_id > $1 AND kept_until < now()
         UNION ALL SELECT tenant_id FROM disbursements.hidden_rows WHERE tenant_id > $1 AND why <> 'ARRIVING') remains
        ORDER BY tenant_id LIMIT $2`,
      [after, limit],
    );
    return rows.map((row) => row.tenant_id);
  }

  /**
   * The first of them. Payments that nobody sees come first, as who looks for those of the same disbursement goes over them; an
   * upload before later ones, which rely on its people.
   */
  async list(tx: TenantTx): Promise<readonly Remains[]> {
    const hidden = await tx.query<HiddenRemains & Record<string, unknown>>(
      `SELECT id, disbursement_id AS "disbursementId", why FROM disbursements.hidden_rows
        WHERE tenant_id = $1 AND why <> 'ARRIVING' ORDER BY since, id LIMIT ${String(LISTED_MAX)}`,
      [tx.tenantId],
    );
    const uploads = await tx.query<{ id: string }>(
      `SELECT id FROM ${TABLE} WHERE tenant_id = $1 AND ${UNSETTLED} ORDER BY id LIMIT ${String(LISTED_MAX)}`,
      [tx.tenantId],
    );
    const files = await tx.query<{ id: string }>(
      `SELECT id FROM ${TABLE} WHERE tenant_id = $1 AND kept_until < now() ORDER BY kept_until LIMIT ${String(LISTED_MAX)}`,
      [tx.tenantId],
    );
    return [
      ...hidden.map((rows) => ({ kind: 'hidden' as const, id: rows.id, rows })),
      ...uploads.map(({ id }) => ({ kind: 'upload' as const, id })),
      ...files.map(({ id }) => ({ kind: 'file' as const, id })),
    ];
  }

  /** Whether nobody else takes away what is left in this tenant, until the end of the database transaction. */
  async takeTurn(tx: TenantTx): Promise<boolean> {
    const row = await tx.queryOne<{ taken: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('disbursements:remains:' || $1::text, 0)) AS taken`,
      [tx.tenantId],
    );
    return row?.taken === true;
  }

  /** What is left of an upload whose process is gone or that has ended; null when it lives or nothing is. Its state is LOST then. */
  async giveUp(tx: TenantTx, id: string): Promise<LeftUpload | null> {
    await tx.execute(
      `UPDATE ${TABLE} SET state = 'LOST', ended_at = now(), beat_at = clock_timestamp()
        WHERE tenant_id = $1 AND id = $2 AND ${ACTIVE_UPLOAD} AND beat_at < now() - interval '${UPLOAD_LOST_AFTER}'`,
      [tx.tenantId, id],
    );
    const row = await tx.queryOne<Record<keyof LeftRow, unknown> & LeftRow>(
      `SELECT disbursement_id, brought_people, kept_until IS NOT NULL AS is_kept, settled_to,
              CASE WHEN state = 'PUBLISHED' THEN ended_at END AS published_at
         FROM ${TABLE} WHERE tenant_id = $1 AND id = $2 AND settled_at IS NULL AND NOT (${ACTIVE_UPLOAD})`,
      [tx.tenantId, id],
    );
    return (
      row && {
        id,
        disbursementId: row.disbursement_id,
        publishedAt: row.published_at,
        broughtPeople: row.brought_people,
        isKept: row.is_kept,
        place: row.settled_to,
      }
    );
  }

  /** In the database transaction that got there. */
  async keepPlace(tx: TenantTx, id: string, place: SettlementPlace): Promise<void> {
    await tx.execute(`UPDATE ${TABLE} SET settled_to = $3 WHERE tenant_id = $1 AND id = $2`, [
      ...[tx.tenantId, id],
      JSON.stringify(place),
    ]);
  }

  /** Its bytes are gone. */
  async keepFileNoLonger(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(`UPDATE ${TABLE} SET kept_until = NULL WHERE tenant_id = $1 AND id = $2`, [
      tx.tenantId,
      id,
    ]);
  }

  /**
   * Receiver wallets that a published upload pays to, page by page in the order of its payments, whatever becomes of these meanwhile: each
   * status has them in that order in an index.
   */
  async paidWallets(
    tx: TenantTx,
    { id, disbursementId }: Pick<LeftUpload, 'id' | 'disbursementId'>,
    after: string,
  ): Promise<{ readonly walletIds: readonly string[]; readonly last: string | null }> {
    const rows = await tx.query<{ id: string; receiver_wallet_id: string }>(
      `SELECT p.id, p.receiver_wallet_id FROM unnest($4::text[]) AS one (status)
        CROSS JOIN LATERAL (
          SELECT id, receiver_wallet_id FROM disbursements.payments
           WHERE tenant_id = $1 AND disbursement_id = $2 AND status = one.status AND id > $5 AND upload_id = $3
           ORDER BY id LIMIT ${String(PAID_AT_ONCE)}) p
        ORDER BY p.id LIMIT ${String(PAID_AT_ONCE)}`,
      [tx.tenantId, disbursementId, id, PAYMENT_STATUSES, after],
    );
    return { walletIds: rows.map((row) => row.receiver_wallet_id), last: rows.at(-1)?.id ?? null };
  }
}
