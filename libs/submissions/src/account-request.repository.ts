import type { Asset } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

export const ACCOUNT_ACTIONS = ['create-account', 'trust-asset', 'remove-asset'] as const;
export type AccountAction = (typeof ACCOUNT_ACTIONS)[number];

/** What a tenant's ledger account is to become. */
export interface AccountRequest {
  readonly tenantId: string;
  readonly id: string;
  readonly action: AccountAction;
  readonly asset: Asset | null;
  readonly tries: number;
}

export interface AccountRequestEnd {
  readonly outcome: 'done' | 'refused';
  readonly account: string | null;
  /** Why it was refused, in ASCII; null when it was done. */
  readonly reason: string | null;
}

interface RequestRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly action: AccountAction;
  readonly asset_code: string | null;
  readonly asset_issuer: string | null;
  readonly tries: number;
}

const OPEN_MAX = 100;

/**
 * SQL: that an older request about the same asset of the same tenant is open. A trustline that is to be removed and added again is
 * looked at by the second request only once the first has ended, however often that one was postponed; it ends after a bounded
 * number of tries, and those about other assets do not wait for it.
 */
const WAITS_FOR_AN_OLDER = `EXISTS (
          SELECT FROM submissions.account_requests o
           WHERE o.tenant_id = r.tenant_id AND o.asset_code = r.asset_code AND o.asset_issuer = r.asset_issuer
             AND o.outcome IS NULL AND (o.created_at, o.id) < (r.created_at, r.id))`;

/** The only writer of `submissions.account_requests`. */
export class AccountRequestRepository {
  /** Stores a request; one that is there already is left alone. */
  async add(tx: TenantTx, request: Pick<AccountRequest, 'id' | 'action' | 'asset'>): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.account_requests (tenant_id, id, action, asset_code, asset_issuer)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [tx.tenantId, request.id, request.action, request.asset?.code ?? null, request.asset?.issuer ?? null],
    );
    await this.wake(tx);
  }

  /**
   * Open requests of all tenants that are due, the oldest first: none of a tenant whose key is being replaced, and of those about
   * one asset of a tenant only the first.
   */
  async due(tx: SystemTx): Promise<readonly AccountRequest[]> {
    const rows = await tx.query<RequestRow>(
      `SELECT tenant_id, id, action, asset_code, asset_issuer, tries FROM submissions.account_requests r
        WHERE outcome IS NULL AND next_try_at <= now()
          AND NOT EXISTS (SELECT FROM submissions.key_rotations k WHERE k.tenant_id = r.tenant_id AND k.ended_at IS NULL)
          AND NOT ${WAITS_FOR_AN_OLDER}
        ORDER BY next_try_at LIMIT ${String(OPEN_MAX)}`,
    );
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      id: row.id,
      action: row.action,
      asset: row.asset_code === null ? null : { code: row.asset_code, issuer: row.asset_issuer ?? '' },
      tries: row.tries,
    }));
  }

  /** Takes a request for `seconds`, so that another instance leaves it alone. False when somebody else has it, or it waits for an older one. */
  async take(tx: TenantTx, id: string, seconds: number): Promise<boolean> {
    const rows = await tx.execute(
      `UPDATE submissions.account_requests r
          SET tries = tries + 1, next_try_at = now() + make_interval(secs => $3)
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL AND next_try_at <= now() AND NOT ${WAITS_FOR_AN_OLDER}`,
      [tx.tenantId, id, seconds],
    );
    return rows === 1;
  }

  async postpone(tx: TenantTx, id: string, seconds: number): Promise<void> {
    await tx.execute(
      `UPDATE submissions.account_requests SET next_try_at = now() + make_interval(secs => $3)
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL`,
      [tx.tenantId, id, seconds],
    );
  }

  /** False when it had an end already. Whatever waited for it is due at once. */
  async end(tx: TenantTx, id: string, end: AccountRequestEnd): Promise<boolean> {
    const rows = await tx.execute(
      `UPDATE submissions.account_requests SET outcome = $3, account = $4, reason = $5, ended_at = now()
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NULL`,
      [tx.tenantId, id, end.outcome, end.account, end.reason],
    );
    await this.wake(tx);
    return rows === 1;
  }

  /** How a request ended; null while it is open, and for an unknown one. */
  async endOf(tx: TenantTx, id: string): Promise<AccountRequestEnd | null> {
    return await tx.queryOne<AccountRequestEnd & Record<string, unknown>>(
      `SELECT outcome, account, reason FROM submissions.account_requests
        WHERE tenant_id = $1 AND id = $2 AND outcome IS NOT NULL`,
      [tx.tenantId, id],
    );
  }

  private async wake(tx: TenantTx): Promise<void> {
    await tx.execute(`SELECT pg_notify('submissions_accounts', '')`);
  }
}
