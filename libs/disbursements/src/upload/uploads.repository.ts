import type { ContactType, DisbursementStatus, VerificationField } from '@libs/contracts';
import { isId } from '@libs/kernel';
import { sealedFor, type TenantTx, unseal } from '@libs/persistence';

import type { FileDifferences } from './file-differences';
import type { InstructionsFile } from './instructions-file';

/** What a disbursement asks of its file. */
export interface UploadTarget {
  readonly id: string;
  readonly status: DisbursementStatus;
  readonly contactType: ContactType;
  readonly verificationField: VerificationField | null;
  readonly walletId: string;
  readonly assetId: string;
  /** Of the file that it has now; null before the first. */
  readonly fileName: string | null;
  readonly uploadId: string | null;
}

export interface UploadLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** The file of a disbursement. */
export interface StoredFile {
  readonly name: string;
  readonly uploadId: string;
  /** In how many parts it is kept: `InstructionsFiles.open` reads them. */
  readonly parts: number;
  /** Of one that was kept as a whole, before there were parts; null otherwise. */
  readonly gzipped: Uint8Array | null;
}

interface TargetRow {
  readonly id: string;
  readonly status: DisbursementStatus;
  readonly registration_contact_type: ContactType;
  readonly verification_field: VerificationField | null;
  readonly wallet_id: string;
  readonly asset_id: string;
  readonly file_name: string | null;
  readonly current_upload_id: string | null;
}

interface FileRow {
  readonly id: string;
  readonly file_name: string;
  readonly content: Uint8Array | null;
  readonly parts: number | null;
}

const TABLE = 'disbursements.uploads';
/** What the newest tenants start with (the columns' defaults), for one whose organisation is not there yet. */
const LIMITS: UploadLimits = { rowsMax: 1_000_000, bytesMax: 200_000_000 };

/** Uploaded files, encrypted, and which one a disbursement pays by. */
export class UploadsRepository {
  /** `older`: what files that were kept as a whole may be sealed under besides. */
  constructor(
    private readonly key: Uint8Array,
    private readonly older: readonly Uint8Array[] = [],
  ) {}

  async limits(tx: TenantTx): Promise<UploadLimits> {
    const row = await tx.queryOne<{ upload_rows_max: number; upload_bytes_max: bigint }>(
      `SELECT upload_rows_max, upload_bytes_max FROM tenants.organizations WHERE tenant_id = $1`,
      [tx.tenantId],
    );
    return row === null ? LIMITS : { rowsMax: row.upload_rows_max, bytesMax: Number(row.upload_bytes_max) };
  }

  /** `lock`: until the commit, so that one file at a time is published. */
  async target(tx: TenantTx, id: string, lock: 'lock' | 'look'): Promise<UploadTarget | null> {
    const row = await tx.queryOne<TargetRow>(
      `SELECT id, status, registration_contact_type, verification_field, wallet_id, asset_id, file_name,
              current_upload_id
         FROM disbursements.disbursements WHERE tenant_id = $1 AND id = $2 ${lock === 'lock' ? 'FOR NO KEY UPDATE' : ''}`,
      [tx.tenantId, id],
    );
    if (row === null) return null;
    return {
      id: row.id,
      status: row.status,
      contactType: row.registration_contact_type,
      verificationField: row.verification_field,
      walletId: row.wallet_id,
      assetId: row.asset_id,
      fileName: row.file_name,
      uploadId: row.current_upload_id,
    };
  }

  /** Points the disbursement to the file, whose parts are kept under its id already; those of the one before go with its payments. */
  async replace(
    tx: TenantTx,
    disbursementId: string,
    upload: {
      readonly file: InstructionsFile;
      readonly rows: number;
      readonly total: bigint;
      readonly differences: FileDifferences | null;
    },
  ): Promise<void> {
    const place = [tx.tenantId, disbursementId];
    const { file } = upload;
    await tx.execute(`DELETE FROM ${TABLE} WHERE tenant_id = $1 AND disbursement_id = $2`, place);
    await tx.execute(
      `INSERT INTO ${TABLE} (tenant_id, disbursement_id, id, file_name, parts, size_bytes, row_count, total_amount, uploaded_by, differences)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...place,
        file.uploadId,
        file.name,
        file.parts,
        file.sizeBytes,
        upload.rows,
        upload.total,
        personOf(tx.actor),
        upload.differences === null ? null : JSON.stringify(upload.differences),
      ],
    );
    await tx.execute(
      `UPDATE disbursements.disbursements SET current_upload_id = $3, file_name = $4, trace = $5, updated_at = now()
        WHERE tenant_id = $1 AND id = $2`,
      [...place, file.uploadId, file.name, tx.trace],
    );
  }

  /** Null when nothing was uploaded. */
  async current(tx: TenantTx, disbursementId: string): Promise<StoredFile | null> {
    const row = await tx.queryOne<FileRow>(
      `SELECT u.id, u.file_name, u.content, u.parts FROM disbursements.disbursements d
         JOIN ${TABLE} u ON u.tenant_id = d.tenant_id AND u.id = d.current_upload_id
        WHERE d.tenant_id = $1 AND d.id = $2`,
      [tx.tenantId, disbursementId],
    );
    if (row === null) return null;
    const { id, file_name: name, content, parts } = row;
    const keys = [this.key, ...this.older];
    const gzipped = content === null ? null : unseal(keys, sealedFor(tx.tenantId, TABLE, id), content);
    return { name, uploadId: id, parts: parts ?? 0, gzipped };
  }
}

const personOf = (actor: string): string | null => {
  const [kind, id] = actor.split(':');
  return kind === 'user' && id !== undefined && isId(id) ? id : null;
};
