import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import type { CatalogueAsset } from './asset';

export interface AssetRow {
  readonly id: string;
  readonly code: string;
  readonly issuer: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly deleted_at: Date | null;
}

export const ASSET_COLUMNS = 'a.id, a.code, a.issuer, a.created_at, a.updated_at, a.deleted_at';
const LIST_MAX = 1_000;

export const assetOf = (row: AssetRow): CatalogueAsset => ({
  id: row.id,
  code: row.code,
  issuer: row.issuer,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deletedAt: row.deleted_at,
});

export class AssetsRepository {
  /** Adds an asset, or brings back one that was deleted. Asking twice changes nothing. */
  async add(
    tx: TenantTx,
    asset: { readonly code: string; readonly issuer: string },
  ): Promise<CatalogueAsset> {
    const rows = await tx.query<AssetRow>(
      `INSERT INTO catalogue.assets AS a (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, code, issuer) DO UPDATE
         SET deleted_at = NULL, updated_at = CASE WHEN a.deleted_at IS NULL THEN a.updated_at ELSE now() END
       RETURNING ${ASSET_COLUMNS}`,
      [tx.tenantId, newId(), asset.code, asset.issuer],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the asset was neither added nor found');
    return assetOf(row);
  }

  async find(tx: TenantTx, id: string): Promise<CatalogueAsset | null> {
    const row = await tx.queryOne<AssetRow>(
      `SELECT ${ASSET_COLUMNS} FROM catalogue.assets a WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NULL`,
      [tx.tenantId, id],
    );
    return row === null ? null : assetOf(row);
  }

  /** Also one that was deleted: its `deletedAt` tells. */
  async findEver(tx: TenantTx, id: string): Promise<CatalogueAsset | null> {
    const row = await tx.queryOne<AssetRow>(
      `SELECT ${ASSET_COLUMNS} FROM catalogue.assets a WHERE a.tenant_id = $1 AND a.id = $2`,
      [tx.tenantId, id],
    );
    return row === null ? null : assetOf(row);
  }

  /** The asset can no longer be chosen; what refers to it keeps it. False when it was deleted before. */
  async delete(tx: TenantTx, id: string): Promise<boolean> {
    const deleted = await tx.execute(
      `UPDATE catalogue.assets SET deleted_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [tx.tenantId, id],
    );
    return deleted === 1;
  }

  /** Until the commit nobody deletes it. False when it is deleted. */
  async keep(tx: TenantTx, id: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM catalogue.assets WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE`,
      [tx.tenantId, id],
    );
    return row !== null;
  }

  /** Takes a deletion back. */
  async restore(tx: TenantTx, id: string): Promise<CatalogueAsset | null> {
    const row = await tx.queryOne<AssetRow>(
      `UPDATE catalogue.assets a SET deleted_at = NULL, updated_at = now()
        WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NOT NULL RETURNING ${ASSET_COLUMNS}`,
      [tx.tenantId, id],
    );
    return row === null ? null : assetOf(row);
  }

  /**
   * Takes back what was added, or brought back, at `addedAt` or later. What was there before stays, and so does an asset that a
   * wallet provider has: null then.
   */
  async takeBack(tx: TenantTx, id: string, addedAt: Date): Promise<CatalogueAsset | null> {
    const row = await tx.queryOne<AssetRow>(
      `UPDATE catalogue.assets a SET deleted_at = now(), updated_at = now()
        WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NULL AND a.updated_at >= $3
          AND NOT EXISTS (SELECT FROM catalogue.wallet_assets w WHERE w.tenant_id = $1 AND w.asset_id = a.id)
        RETURNING ${ASSET_COLUMNS}`,
      [tx.tenantId, id, addedAt],
    );
    return row === null ? null : assetOf(row);
  }

  async findByCode(
    tx: TenantTx,
    asset: { readonly code: string; readonly issuer: string },
  ): Promise<CatalogueAsset | null> {
    const row = await tx.queryOne<AssetRow>(
      `SELECT ${ASSET_COLUMNS} FROM catalogue.assets a
        WHERE a.tenant_id = $1 AND a.code = $2 AND a.issuer = $3 AND a.deleted_at IS NULL`,
      [tx.tenantId, asset.code, asset.issuer],
    );
    return row === null ? null : assetOf(row);
  }

  /** The assets that are not deleted, by code; only those of one wallet provider when it is named. */
  async list(tx: TenantTx, walletId: string | null = null): Promise<CatalogueAsset[]> {
    const rows = await tx.query<AssetRow>(
      `SELECT ${ASSET_COLUMNS} FROM catalogue.assets a
        WHERE a.tenant_id = $1 AND a.deleted_at IS NULL
          AND ($2::uuid IS NULL OR EXISTS (
            SELECT FROM catalogue.wallet_assets w
             WHERE w.tenant_id = $1 AND w.wallet_id = $2 AND w.asset_id = a.id))
        ORDER BY a.code, a.issuer LIMIT ${String(LIST_MAX)}`,
      [tx.tenantId, walletId],
    );
    return rows.map(assetOf);
  }
}
