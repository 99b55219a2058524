import { momentOf } from '../lists/moments';

/** The asset of a payment or a disbursement, as columns of its row. */
export interface AssetOfRow {
  readonly asset_id: string;
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly asset_deleted_at: string | null;
}

/** SQL of these columns, of the asset `a`. */
export const ASSET_OF_ROW = `a.id AS asset_id, a.code AS asset_code, a.issuer AS asset_issuer, ${momentOf('a.deleted_at')} AS asset_deleted_at`;

export const assetOfRowJson = (row: AssetOfRow): object => ({
  id: row.asset_id,
  code: row.asset_code,
  issuer: row.asset_issuer,
  deleted_at: row.asset_deleted_at,
});
