import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { apiKeySecretHash, apiKeyText, newApiKeySecret } from './api-key-text';
import { isPermission, type Permission } from './permissions';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** Addresses and networks; empty for everywhere. */
  readonly allowedIps: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdBy: string;
  readonly updatedBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastUsedAt: Date | null;
}

interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly allowed_ips: readonly string[];
  readonly expires_at: Date | null;
  readonly created_by: string;
  readonly updated_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_used_at: Date | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly allowedIps: readonly string[];
  readonly expiresAt: Date | null;
  readonly createdBy: string;
}

const COLUMNS =
  'id, name, permissions, allowed_ips, expires_at, created_by, updated_by, created_at, updated_at, last_used_at';
const LIST_MAX = 1000;

const apiKeyOf = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  permissions: row.permissions.filter(isPermission),
  allowedIps: row.allowed_ips,
  expiresAt: row.expires_at,
  createdBy: row.created_by,
  updatedBy: row.updated_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  lastUsedAt: row.last_used_at,
});

/** The API keys of an organisation. Each person sees and changes only those that they made. */
export class ApiKeysRepository {
  /** The text of the key is nowhere else: who loses it makes another. */
  async add(tx: TenantTx, key: NewApiKey): Promise<{ readonly apiKey: ApiKey; readonly text: string }> {
    const secret = newApiKeySecret();
    const id = newId();
    const [row] = await tx.query<ApiKeyRow>(
      `INSERT INTO identity.api_keys
         (tenant_id, id, name, secret_hash, permissions, allowed_ips, expires_at, created_by, updated_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) RETURNING ${COLUMNS}`,
      [
        tx.tenantId,
        id,
        key.name,
        apiKeySecretHash(secret),
        key.permissions,
        key.allowedIps,
        key.expiresAt,
        key.createdBy,
      ],
    );
    if (row === undefined) throw new Error('the key was not stored');
    return { apiKey: apiKeyOf(row), text: apiKeyText({ id, secret }) };
  }

  async list(tx: TenantTx, createdBy: string): Promise<ApiKey[]> {
    const rows = await tx.query<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM identity.api_keys
        WHERE tenant_id = $1 AND created_by = $2 AND revoked_at IS NULL ORDER BY id DESC LIMIT ${String(LIST_MAX)}`,
      [tx.tenantId, createdBy],
    );
    return rows.map(apiKeyOf);
  }

  /** Locked for the rest of the database transaction, so that what is read is what is changed. */
  async lock(tx: TenantTx, id: string, createdBy: string): Promise<ApiKey | null> {
    const row = await tx.queryOne<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM identity.api_keys
        WHERE tenant_id = $1 AND id = $2 AND created_by = $3 AND revoked_at IS NULL FOR UPDATE`,
      [tx.tenantId, id, createdBy],
    );
    return row === null ? null : apiKeyOf(row);
  }

  async find(tx: TenantTx, id: string, createdBy: string): Promise<ApiKey | null> {
    const row = await tx.queryOne<ApiKeyRow>(
      `SELECT ${COLUMNS} FROM identity.api_keys
        WHERE tenant_id = $1 AND id = $2 AND created_by = $3 AND revoked_at IS NULL`,
      [tx.tenantId, id, createdBy],
    );
    return row === null ? null : apiKeyOf(row);
  }

  async change(
    tx: TenantTx,
    id: string,
    change: {
      readonly permissions: readonly Permission[];
      readonly allowedIps: readonly string[];
      readonly updatedBy: string;
    },
  ): Promise<ApiKey | null> {
    const row = await tx.queryOne<ApiKeyRow>(
      `UPDATE identity.api_keys SET permissions = $3, allowed_ips = $4, updated_by = $5, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING ${COLUMNS}`,
      [tx.tenantId, id, change.permissions, change.allowedIps, change.updatedBy],
    );
    return row === null ? null : apiKeyOf(row);
  }

  async revoke(tx: TenantTx, id: string, updatedBy: string): Promise<boolean> {
    const revoked = await tx.execute(
      `UPDATE identity.api_keys SET revoked_at = now(), updated_at = now(), updated_by = $3
        WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL`,
      [tx.tenantId, id, updatedBy],
    );
    return revoked === 1;
  }
}
