import { hkdfSync } from 'node:crypto';

import { seal, sealedFor, type TenantTx, unseal } from '@libs/persistence';

const TABLE = 'disbursements.upload_parts';
const KEY_BYTES = 32;

/**
 * The bytes of uploaded files: gzipped, cut into parts, each encrypted under a key of its tenant and bound to its place.
 * A part is what is in memory of a file at a time.
 */
export class UploadPartsRepository {
  /** `key`: the keys of the tenants are derived from it, and from `older` ones those of files that were kept before it. */
  constructor(
    private readonly key: Uint8Array,
    private readonly older: readonly Uint8Array[] = [],
  ) {}

  async add(tx: TenantTx, uploadId: string, part: number, gzipped: Uint8Array): Promise<void> {
    await tx.execute(`INSERT INTO ${TABLE} (tenant_id, upload_id, part, content) VALUES ($1, $2, $3, $4)`, [
      tx.tenantId,
      uploadId,
      part,
      seal(keyOf(this.key, tx.tenantId), placeOf(tx.tenantId, uploadId, part), gzipped),
    ]);
  }

  /** Null when the part is not there (any more). Throws `SealedColumnError` for bytes that somebody changed or moved. */
  async read(tx: TenantTx, uploadId: string, part: number): Promise<Uint8Array | null> {
    const row = await tx.queryOne<{ content: Uint8Array }>(
      `SELECT content FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2 AND part = $3`,
      [tx.tenantId, uploadId, part],
    );
    if (row === null) return null;
    const keys = [this.key, ...this.older].map((key) => keyOf(key, tx.tenantId));
    return unseal(keys, placeOf(tx.tenantId, uploadId, part), row.content);
  }

  /** How many there are of an upload; 0 when nothing is kept of it. */
  async count(tx: TenantTx, uploadId: string): Promise<number> {
    const row = await tx.queryOne<{ parts: number }>(
      `SELECT count(*)::integer AS parts FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2`,
      [tx.tenantId, uploadId],
    );
    return row?.parts ?? 0;
  }

  /** Nothing of a file that a disbursement pays by: whoever asks may not know that its publication was committed. */
  async remove(tx: TenantTx, uploadId: string): Promise<void> {
    await tx.execute(
      `DELETE FROM ${TABLE} WHERE tenant_id = $1 AND upload_id = $2
          AND NOT EXISTS (SELECT FROM disbursements.uploads WHERE tenant_id = $1 AND id = $2)`,
      [tx.tenantId, uploadId],
    );
  }
}

const keyOf = (key: Uint8Array, tenantId: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, tenantId, 'uploaded files', KEY_BYTES));

const placeOf = (tenantId: string, uploadId: string, part: number): string =>
  sealedFor(tenantId, TABLE, `${uploadId}|${String(part)}`);
