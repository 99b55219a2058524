import { err, newId, ok, type Result } from '@libs/kernel';
import type { SqlValue, TenantTx } from '@libs/persistence';

import { ASSET_COLUMNS, assetOf, type AssetRow } from './assets.repository';
import type { NewWallet, WalletChange, WalletConflict, WalletProvider } from './wallet';

interface WalletRow {
  readonly id: string;
  readonly name: string;
  readonly homepage: string;
  readonly sep_10_client_domain: string;
  readonly deep_link_schema: string;
  readonly enabled: boolean;
  readonly user_managed: boolean;
  readonly embedded: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface WalletFilter {
  readonly id?: string;
  readonly enabled?: boolean;
  readonly userManaged?: boolean;
  readonly includeDeleted?: boolean;
  /** Asset codes or ids; the wallet must hold each of them. */
  readonly supportedAssets?: readonly string[];
}

const COLUMNS: Readonly<Record<keyof WalletChange, keyof WalletRow>> = {
  name: 'name',
  homepage: 'homepage',
  sep10ClientDomain: 'sep_10_client_domain',
  deepLinkSchema: 'deep_link_schema',
  enabled: 'enabled',
};
const LIST_MAX = 500;

const isColumnField = (name: string): name is keyof WalletChange => name in COLUMNS;

/** Wallet providers and the assets that each of them supports. */
export class WalletsRepository {
  async list(tx: TenantTx, filter: WalletFilter = {}): Promise<WalletProvider[]> {
    const rows = await tx.query<WalletRow>(
      `SELECT w.id, w.name, w.homepage, w.sep_10_client_domain, w.deep_link_schema, w.enabled, w.user_managed, w.embedded,
              w.created_at, w.updated_at
         FROM catalogue.wallets w
        WHERE w.tenant_id = $1 AND ($2::uuid IS NULL OR w.id = $2) AND ($3::boolean IS NULL OR w.enabled = $3)
          AND ($4::boolean IS NULL OR w.user_managed = $4) AND ($5 OR w.deleted_at IS NULL)
          AND NOT EXISTS (
            SELECT FROM unnest($6::text[]) AS wanted WHERE NOT EXISTS (
              SELECT FROM catalogue.wallet_assets s
                JOIN catalogue.assets a ON a.tenant_id = $1 AND a.id = s.asset_id AND a.deleted_at IS NULL
               WHERE s.tenant_id = $1 AND s.wallet_id = w.id AND (a.code = wanted OR a.id::text = wanted)))
        ORDER BY w.name LIMIT ${String(LIST_MAX)}`,
      [
        tx.tenantId,
        filter.id ?? null,
        filter.enabled ?? null,
        filter.userManaged ?? null,
        filter.includeDeleted ?? false,
        filter.supportedAssets ?? [],
      ],
    );
    return await this.withAssets(tx, rows);
  }

  /** Null for an unknown or deleted one. */
  async find(tx: TenantTx, id: string): Promise<WalletProvider | null> {
    return (await this.list(tx, { id }))[0] ?? null;
  }

  /** The same, locked until the end of the database transaction, so that what is read is what is changed. */
  async lock(tx: TenantTx, id: string): Promise<WalletProvider | null> {
    await tx.query(`SELECT FROM catalogue.wallets WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
      tx.tenantId,
      id,
    ]);
    return await this.find(tx, id);
  }

  /** Which field another wallet (also a deleted one) already has; null when the wallet would be alone. */
  async conflict(
    tx: TenantTx,
    wallet: WalletChange,
    exceptId: string | null,
  ): Promise<WalletConflict | null> {
    const row = await tx.queryOne<{ readonly field: WalletConflict }>(
      `SELECT CASE WHEN name = $3 THEN 'name' WHEN homepage = $4 THEN 'homepage' ELSE 'deep link schema' END AS field
         FROM catalogue.wallets
        WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id <> $2) AND (name = $3 OR homepage = $4 OR deep_link_schema = $5)
        LIMIT 1`,
      [tx.tenantId, exceptId, wallet.name ?? null, wallet.homepage ?? null, wallet.deepLinkSchema ?? null],
    );
    return row?.field ?? null;
  }

  /** The new wallet's id, or which field another wallet already has. */
  async add(tx: TenantTx, wallet: NewWallet): Promise<Result<string, WalletConflict>> {
    const id = newId();
    const added = await tx.execute(
      `INSERT INTO catalogue.wallets
         (tenant_id, id, name, homepage, sep_10_client_domain, deep_link_schema, enabled, user_managed)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [
        tx.tenantId,
        id,
        wallet.name,
        wallet.homepage,
        wallet.sep10ClientDomain,
        wallet.deepLinkSchema,
        wallet.enabled,
        wallet.userManaged,
      ],
    );
    if (added === 1) return ok(id);
    return err((await this.conflict(tx, wallet, null)) ?? 'name');
  }

  /** Check `conflict` first: the unique indexes catch only what comes between. */
  async change(tx: TenantTx, id: string, change: WalletChange): Promise<void> {
    const values: SqlValue[] = [tx.tenantId, id];
    const sets = ['updated_at = now()'];
    for (const field of Object.keys(change).filter(isColumnField)) {
      const value = change[field];
      if (value === undefined) continue;
      values.push(value);
      sets.push(`${COLUMNS[field]} = $${String(values.length)}`);
    }
    await tx.execute(
      `UPDATE catalogue.wallets SET ${sets.join(', ')} WHERE tenant_id = $1 AND id = $2`,
      values,
    );
  }

  /** The provider can no longer be chosen; what refers to it keeps it. */
  async delete(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE catalogue.wallets SET deleted_at = now(), updated_at = now(), enabled = false
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
      [tx.tenantId, id],
    );
  }

  /** Until the commit nobody deletes it. False when it is deleted. */
  async keep(tx: TenantTx, id: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM catalogue.wallets WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE`,
      [tx.tenantId, id],
    );
    return row !== null;
  }

  async setAssets(tx: TenantTx, id: string, assetIds: readonly string[]): Promise<void> {
    await tx.execute(
      `DELETE FROM catalogue.wallet_assets WHERE tenant_id = $1 AND wallet_id = $2 AND asset_id <> ALL($3::uuid[])`,
      [tx.tenantId, id, assetIds],
    );
    await tx.execute(
      `INSERT INTO catalogue.wallet_assets (tenant_id, wallet_id, asset_id)
       SELECT $1, $2, asset FROM unnest($3::uuid[]) AS asset ON CONFLICT DO NOTHING`,
      [tx.tenantId, id, assetIds],
    );
  }

  private async withAssets(tx: TenantTx, rows: readonly WalletRow[]): Promise<WalletProvider[]> {
    const assets = await tx.query<AssetRow & { readonly wallet_id: string }>(
      `SELECT s.wallet_id, ${ASSET_COLUMNS} FROM catalogue.wallet_assets s
         JOIN catalogue.assets a ON a.tenant_id = $1 AND a.id = s.asset_id AND a.deleted_at IS NULL
        WHERE s.tenant_id = $1 AND s.wallet_id = ANY($2::uuid[]) ORDER BY a.code, a.issuer`,
      [tx.tenantId, rows.map((row) => row.id)],
    );
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      homepage: row.homepage,
      sep10ClientDomain: row.sep_10_client_domain,
      deepLinkSchema: row.deep_link_schema,
      enabled: row.enabled,
      userManaged: row.user_managed,
      embedded: row.embedded,
      assets: assets.filter((asset) => asset.wallet_id === row.id).map(assetOf),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  }
}
