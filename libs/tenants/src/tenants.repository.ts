import type { TenantStatus } from '@libs/contracts';
import { type TenantMove, tenantMachine } from '@libs/domain';
import { newId } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

import { type DistributionAccountType, isUsable, type Tenant } from './tenant';

type Tx = SystemTx | TenantTx;

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly base_url: string;
  readonly sdp_ui_base_url: string;
  readonly status: TenantStatus;
  readonly is_default: boolean;
  readonly distribution_account_address: string | null;
  readonly distribution_account_type: DistributionAccountType;
  readonly distribution_account_status: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly deleted_at: Date | null;
}

const COLUMNS = `id, name, base_url, sdp_ui_base_url, status, is_default, distribution_account_address,
  distribution_account_type, distribution_account_status, created_at, updated_at, deleted_at`;
const LIST_MAX = 10_000;
const HOST_ACCOUNTS_MAX = 10;

const tenantOf = (row: TenantRow): Tenant => ({
  id: row.id,
  name: row.name,
  baseUrl: row.base_url,
  sdpUiBaseUrl: row.sdp_ui_base_url,
  status: row.status,
  isDefault: row.is_default,
  distributionAccountAddress: row.distribution_account_address,
  distributionAccountType: row.distribution_account_type,
  distributionAccountStatus: row.distribution_account_status,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deletedAt: row.deleted_at,
});

/** A row as `to_jsonb` writes it: times are texts. */
export type TenantJson = Omit<TenantRow, 'created_at' | 'updated_at' | 'deleted_at'> & {
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
};

/** For functions of the database that answer a tenant among other things. */
export const tenantFromJson = (json: TenantJson): Tenant =>
  tenantOf({
    ...json,
    created_at: new Date(json.created_at),
    updated_at: new Date(json.updated_at),
    deleted_at: json.deleted_at === null ? null : new Date(json.deleted_at),
  });

export interface NewTenant {
  /** A new one when it is left out. */
  readonly id?: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly sdpUiBaseUrl: string;
  readonly distributionAccountType: DistributionAccountType;
  readonly actor: string;
}

/** Tenants belong to no tenant, so their table has no row-level security. */
export class TenantsRepository {
  /** The new tenant in CREATED, or null when the name is taken (also by a deleted one). */
  async add(tx: Tx, tenant: NewTenant): Promise<Tenant | null> {
    const row = await tx.queryOne<TenantRow>(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type, status_history)
       VALUES ($1, $2, $3, $4, $5, history_entry('CREATED', $6, ''))
       ON CONFLICT (name) DO NOTHING RETURNING ${COLUMNS}`,
      [
        tenant.id ?? newId(),
        tenant.name,
        tenant.baseUrl,
        tenant.sdpUiBaseUrl,
        tenant.distributionAccountType,
        tenant.actor,
      ],
    );
    return row === null ? null : tenantOf(row);
  }

  async findById(tx: Tx, id: string): Promise<Tenant | null> {
    return await this.findWhere(tx, 'id = $1', [id]);
  }

  async findByName(tx: Tx, name: string): Promise<Tenant | null> {
    return await this.findWhere(tx, 'name = $1', [name]);
  }

  /**
   * The tenant of single-tenant mode: the default one, or the only one there is. Null when there are several and
   * none of them is the default.
   */
  async findDefault(tx: Tx): Promise<Tenant | null> {
    const rows = await tx.query<TenantRow>(
      `SELECT ${COLUMNS} FROM tenants.tenants WHERE deleted_at IS NULL ORDER BY is_default DESC, id LIMIT 2`,
    );
    const [first, second] = rows;
    if (first === undefined || (second !== undefined && !first.is_default)) return null;
    return tenantOf(first);
  }

  /** Locked until the end of the database transaction, also a deleted one. */
  async lock(tx: Tx, id: string): Promise<Tenant | null> {
    return await this.findWhere(tx, 'id = $1 FOR UPDATE', [id]);
  }

  /**
   * Whether the tenant may be worked with, which stays so until the end of the database transaction: whoever switches it off
   * waits for it, and then sees what it did.
   */
  async keepUsable(tx: Tx, id: string): Promise<boolean> {
    const tenant = await this.findWhere(tx, 'id = $1 FOR SHARE', [id]);
    return tenant !== null && isUsable(tenant);
  }

  async list(tx: Tx): Promise<Tenant[]> {
    const rows = await tx.query<TenantRow>(
      `SELECT ${COLUMNS} FROM tenants.tenants ORDER BY created_at, id LIMIT ${String(LIST_MAX)}`,
    );
    return rows.map(tenantOf);
  }

  /**
   * Makes it the default one, of which there is one at most: of several orders at once the last one stays. Says which one was the
   * default before (null: none). Null, and nothing changes, when the tenant may not be worked with.
   */
  async makeDefault(tx: Tx, id: string): Promise<{ readonly previousId: string | null } | null> {
    await tx.execute(`SELECT pg_advisory_xact_lock(hashtextextended('tenants.is_default', 0))`);
    // Locked against being switched off meanwhile, and only now: whoever waits for the turn holds no tenant that the one before gives up.
    const tenant = await this.lock(tx, id);
    if (tenant === null || !isUsable(tenant)) return null;
    if (tenant.isDefault) return { previousId: id };
    const previous = await tx.queryOne<{ id: string }>(
      `UPDATE tenants.tenants SET is_default = false, updated_at = now() WHERE is_default RETURNING id`,
    );
    await tx.execute(`UPDATE tenants.tenants SET is_default = true, updated_at = now() WHERE id = $1`, [id]);
    return { previousId: previous?.id ?? null };
  }

  /** The ledger account that the tenant's money leaves from. It is set once: another address is a new account. */
  async setDistributionAccount(tx: Tx, id: string, address: string): Promise<boolean> {
    const changed = await tx.execute(
      `UPDATE tenants.tenants SET distribution_account_address = $2, updated_at = now()
        WHERE id = $1 AND (distribution_account_address IS NULL OR distribution_account_address = $2)`,
      [id, address],
    );
    return changed === 1;
  }

  /** Accounts other than `host` that usable tenants of the host account are paid from, with the first and the number of these. */
  async onOtherHostAccounts(
    tx: Tx,
    host: string,
  ): Promise<readonly { readonly account: string; readonly first: string; readonly count: number }[]> {
    const rows = await tx.query<{
      readonly account: string;
      readonly first: string;
      readonly count: bigint;
    }>(
      `SELECT distribution_account_address AS account, min(name) AS first, count(*) AS count FROM tenants.tenants
        WHERE distribution_account_type = 'DISTRIBUTION_ACCOUNT.STELLAR.ENV' AND distribution_account_address <> $1
          AND status IN ('PROVISIONED', 'ACTIVATED') AND deleted_at IS NULL
        GROUP BY account ORDER BY count DESC, account LIMIT ${String(HOST_ACCOUNTS_MAX)}`,
      [host],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Whether another tenant pays from the same ledger account. */
  async sharesAccount(tx: Tx, id: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM tenants.tenants other
         JOIN tenants.tenants own ON own.id = $1 AND own.distribution_account_address = other.distribution_account_address
        WHERE other.id <> $1 AND other.deleted_at IS NULL LIMIT 1`,
      [id],
    );
    return row !== null;
  }

  /** Changes those that are given. */
  async changeUrls(
    tx: Tx,
    id: string,
    urls: { readonly baseUrl?: string; readonly sdpUiBaseUrl?: string },
  ): Promise<void> {
    await tx.execute(
      `UPDATE tenants.tenants
          SET base_url = coalesce($2, base_url), sdp_ui_base_url = coalesce($3, sdp_ui_base_url), updated_at = now()
        WHERE id = $1`,
      [id, urls.baseUrl ?? null, urls.sdpUiBaseUrl ?? null],
    );
  }

  /** Its name stays taken and its rows stay. False when it was deleted before. */
  async markDeleted(tx: Tx, id: string): Promise<boolean> {
    const changed = await tx.execute(
      `UPDATE tenants.tenants SET deleted_at = now(), updated_at = now() WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    return changed === 1;
  }

  /** False when the tenant is not in a state that the move leaves. */
  async move(tx: Tx, id: string, move: TenantMove, actor: string): Promise<boolean> {
    const target = tenantMachine.targetOf(move);
    const moved = await tx.execute(
      `UPDATE tenants.tenants
          SET status = $2, status_history = status_history || history_entry($2, $3, ''), updated_at = now()
        WHERE id = $1 AND status = ANY($4)`,
      [id, target, actor, tenantMachine.sourcesOf(move)],
    );
    return moved === 1;
  }

  private async findWhere(tx: Tx, condition: string, values: readonly string[]): Promise<Tenant | null> {
    const row = await tx.queryOne<TenantRow>(
      `SELECT ${COLUMNS} FROM tenants.tenants WHERE ${condition}`,
      values,
    );
    return row === null ? null : tenantOf(row);
  }
}
