import type { TenantTx } from '@libs/persistence';

import type { FileFormat } from './file-format';
import { namesLines } from './line-mistakes';
import type { UploadProgress } from './upload-progress';
import type { UploadRefusal } from './upload.errors';

export type UploadState = 'RECEIVING' | 'CHECKING' | 'PUBLISHING' | 'PUBLISHED' | 'REFUSED' | 'LOST';

/** How far the newest upload of a disbursement is. */
export interface UploadJob {
  readonly id: string;
  readonly fileName: string;
  readonly state: UploadState;
  readonly bytesReceived: bigint;
  readonly rowsRead: number;
  readonly rowsValid: number;
  readonly rowsWrong: number;
  readonly format: FileFormat | null;
  readonly refusal: UploadRefusal | null;
  /** Until when the bytes of a refused file are kept, so that all of its mistakes can be told; null when they are not. */
  readonly keptUntil: Date | null;
  readonly startedBy: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Since its start, until its end. */
  readonly seconds: number;
}

/** How often the process that works on an upload says that it lives. */
export const UPLOAD_BEAT_MS = 3_000;
/** Who has said nothing for so long is gone, by the database's clock. */
export const UPLOAD_LOST_AFTER = '30 seconds';
/** How long it is known which people a swept upload had brought, for uploads that met them before. */
const REMEMBERED_FOR = '2 hours';
/** How long the bytes of a refused file stay: a working day, to mend what is wrong. */
const REFUSED_KEPT_FOR = '24 hours';

/** SQL: that it is under way. */
export const ACTIVE_UPLOAD = `state IN ('RECEIVING', 'CHECKING', 'PUBLISHING')`;
const TABLE = 'disbursements.upload_jobs';
/** How far it is, by the first values behind the ids. */
const PROGRESS = `bytes_received = $3, rows_read = $4, rows_valid = $5, rows_wrong = $6, format = $7`;

const progressOf = ({
  bytesReceived,
  rowsRead,
  rowsValid,
  rowsWrong,
  format,
}: UploadProgress): readonly (number | string | null)[] => [
  ...[bytesReceived, rowsRead, rowsValid, rowsWrong],
  format === null ? null : JSON.stringify(format),
];

interface JobRow {
  readonly id: string;
  readonly file_name: string;
  readonly state: UploadState;
  readonly bytes_received: bigint;
  readonly rows_read: number;
  readonly rows_valid: number;
  readonly rows_wrong: number;
  readonly format: FileFormat | null;
  readonly refusal: UploadRefusal | null;
  readonly kept_until: Date | null;
  readonly started_by: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly seconds: number;
}

/** An upload, and why its file is refused. */
export interface RefusedUpload {
  readonly id: string;
  readonly fileName: string;
  readonly refusal: UploadRefusal;
}

/** Uploads under way and their ends. At most one per disbursement is under way. */
export class UploadJobsRepository {
  /** False: another upload for the disbursement is under way, and its process lives. */
  async claim(tx: TenantTx, job: { readonly id: string; readonly disbursementId: string }): Promise<boolean> {
    if (await this.add(tx, job)) return true;
    const lost = await tx.execute(
      `UPDATE ${TABLE} SET state = 'LOST', ended_at = now()
        WHERE tenant_id = $1 AND disbursement_id = $2 AND ${ACTIVE_UPLOAD} AND beat_at < now() - interval '${UPLOAD_LOST_AFTER}'`,
      [tx.tenantId, job.disbursementId],
    );
    return lost > 0 && (await this.add(tx, job));
  }

  private async add(
    tx: TenantTx,
    { id, disbursementId }: { readonly id: string; readonly disbursementId: string },
  ): Promise<boolean> {
    const added = await tx.execute(
      `INSERT INTO ${TABLE} (tenant_id, disbursement_id, id, started_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, disbursement_id) WHERE ${ACTIVE_UPLOAD} DO NOTHING`,
      [tx.tenantId, disbursementId, id, tx.actor],
    );
    return added === 1;
  }

  /** Says that its process lives, and how far it is; after the publication too, until nothing is left to do. False: it has ended, or was given up. */
  async beat(tx: TenantTx, id: string, progress: UploadProgress): Promise<boolean> {
    return await this.move(
      tx,
      id,
      PROGRESS,
      progressOf(progress),
      `(${ACTIVE_UPLOAD} OR (state = 'PUBLISHED' AND settled_at IS NULL))`,
    );
  }

  /** Those before it that have ended are forgotten, with the bytes of what was refused. */
  async forgetBefore(tx: TenantTx, id: string): Promise<void> {
    await tx.queryPlanned(
      `WITH gone AS (
         DELETE FROM ${TABLE} j USING ${TABLE} newer
          WHERE newer.tenant_id = $1 AND newer.id = $2 AND j.tenant_id = $1 AND j.disbursement_id = newer.disbursement_id
            AND j.id <> $2 AND j.settled_at IS NOT NULL
            AND (j.state = 'PUBLISHED' OR NOT j.brought_people OR j.settled_at < now() - interval '${REMEMBERED_FOR}')
         RETURNING j.id, j.state)
       DELETE FROM disbursements.upload_parts p USING gone
        WHERE p.tenant_id = $1 AND p.upload_id = gone.id AND gone.state <> 'PUBLISHED'`,
      [tx.tenantId, id],
    );
  }

  /** The file is here. False: it was given up. */
  async check(tx: TenantTx, id: string, fileName: string): Promise<boolean> {
    return await this.move(
      tx,
      id,
      `state = 'CHECKING', file_name = $3`,
      [fileName],
      `state IN ('RECEIVING', 'CHECKING')`,
    );
  }

  /** People may be there from now on. False: it was given up. */
  async publish(tx: TenantTx, id: string): Promise<boolean> {
    return await this.move(tx, id, `state = 'PUBLISHING', brought_people = true`, [], `state = 'CHECKING'`);
  }

  /** Nobody gives it up before the database transaction ends, so nothing arrives behind a sweep. False: it was given up. */
  async holdPublishing(tx: TenantTx, id: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM ${TABLE} WHERE tenant_id = $1 AND id = $2 AND state = 'PUBLISHING' FOR SHARE`,
      [tx.tenantId, id],
    );
    return row !== null;
  }

  /** In the database transaction that publishes it; it is settled later. False: it was given up, and nothing of it may be published. */
  async published(tx: TenantTx, id: string, progress: UploadProgress): Promise<boolean> {
    await this.beat(tx, id, progress);
    return await this.move(
      tx,
      id,
      `state = 'PUBLISHED', ended_at = now(), invites_again = true, settled_at = NULL`,
      [],
      `state IN ('CHECKING', 'PUBLISHING')`,
    );
  }

  /**
   * Its bytes stay for a day when the refusal names lines: the caller removes those of any other. True: it is settled; else it may
   * have brought people, who are to be swept, or was given up before.
   */
  async refuse(
    tx: TenantTx,
    { id, fileName, refusal }: RefusedUpload,
    progress: UploadProgress,
  ): Promise<boolean> {
    const row = await tx.queryOne<{ settled: boolean }>(
      `UPDATE ${TABLE} SET ${PROGRESS}, beat_at = clock_timestamp(), state = 'REFUSED', ended_at = now(), refusal = $8, file_name = $10,
              settled_at = CASE WHEN brought_people THEN NULL ELSE now() END,
              kept_until = CASE WHEN $9 THEN now() + interval '${REFUSED_KEPT_FOR}' END
        WHERE tenant_id = $1 AND id = $2 AND ${ACTIVE_UPLOAD} RETURNING NOT brought_people AS settled`,
      [
        ...[tx.tenantId, id, ...progressOf(progress)],
        ...[JSON.stringify(refusal), namesLines(refusal.extras), fileName],
      ],
    );
    return row?.settled ?? false;
  }

  /** Nothing came of it, as if it had never been: the body broke off, or its request had its answer already. */
  async drop(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(
      `WITH gone AS (
         DELETE FROM ${TABLE} WHERE tenant_id = $1 AND id = $2 AND NOT brought_people AND state <> 'PUBLISHED' RETURNING id)
       DELETE FROM disbursements.upload_parts p USING gone WHERE p.tenant_id = $1 AND p.upload_id = gone.id`,
      [tx.tenantId, id],
    );
  }

  async lose(tx: TenantTx, id: string): Promise<void> {
    await this.move(tx, id, `state = 'LOST', ended_at = now()`, [], ACTIVE_UPLOAD);
  }

  /** Nothing is left to do for it. */
  async settle(tx: TenantTx, id: string): Promise<void> {
    await this.move(tx, id, `invites_again = false, settled_at = now()`, [], `NOT (${ACTIVE_UPLOAD})`);
    // Every reader of people asks which these are: nobody meets those of a swept upload any more.
    await tx.execute(
      `UPDATE ${TABLE} SET brought_people = false
        WHERE tenant_id = $1 AND brought_people AND state <> 'PUBLISHED' AND settled_at < now() - interval '${REMEMBERED_FOR}'`,
      [tx.tenantId],
    );
  }

  /** The newest of a disbursement; null when there was none, or it is forgotten. */
  async newest(tx: TenantTx, disbursementId: string): Promise<UploadJob | null> {
    const row = await tx.queryOne<JobRow>(
      `SELECT id, file_name, bytes_received, rows_read, rows_valid, rows_wrong, format, refusal, kept_until, started_by, started_at, ended_at,
              CASE WHEN ${ACTIVE_UPLOAD} AND beat_at < now() - interval '${UPLOAD_LOST_AFTER}' THEN 'LOST' ELSE state END AS state,
              extract(epoch FROM coalesce(ended_at, clock_timestamp()) - started_at)::float8 AS seconds
         FROM ${TABLE} WHERE tenant_id = $1 AND disbursement_id = $2 ORDER BY started_at DESC, id DESC LIMIT 1`,
      [tx.tenantId, disbursementId],
    );
    if (row === null) return null;
    return {
      id: row.id,
      fileName: row.file_name,
      state: row.state,
      bytesReceived: row.bytes_received,
      rowsRead: row.rows_read,
      rowsValid: row.rows_valid,
      rowsWrong: row.rows_wrong,
      format: row.format,
      refusal: row.refusal,
      keptUntil: row.kept_until,
      startedBy: row.started_by,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      seconds: row.seconds,
    };
  }

  /** Whether a file for the disbursement is under way, by a process that lives. */
  async isActive(tx: TenantTx, disbursementId: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM ${TABLE} WHERE tenant_id = $1 AND disbursement_id = $2 AND ${ACTIVE_UPLOAD}
          AND beat_at >= now() - interval '${UPLOAD_LOST_AFTER}'`,
      [tx.tenantId, disbursementId],
    );
    return row !== null;
  }

  /** Uploads other than `id` whose people may be swept. */
  async unpublished(tx: TenantTx, id: string): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM ${TABLE} WHERE tenant_id = $1 AND id <> $2 AND brought_people AND state <> 'PUBLISHED'`,
      [tx.tenantId, id],
    );
    return rows.map((row) => row.id);
  }

  private async move(
    tx: TenantTx,
    id: string,
    change: string,
    values: readonly (string | number | boolean | null)[],
    condition: string,
  ): Promise<boolean> {
    const moved = await tx.execute(
      `UPDATE ${TABLE} SET ${change}, beat_at = clock_timestamp() WHERE tenant_id = $1 AND id = $2 AND ${condition}`,
      [tx.tenantId, id, ...values],
    );
    return moved === 1;
  }
}
