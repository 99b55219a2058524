import type { Asset } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

import { lockForHolding } from './locks';

export interface OutflowCeiling {
  readonly asset: Asset;
  /** In stroops. */
  readonly perHour: bigint;
  /** What ledgers may have paid within the last hour: what was signed in it or just before and has not ended unpaid; in stroops. */
  readonly used: bigint;
  /** When payments had to wait for it last; null when they never had to. */
  readonly reachedAt: Date | null;
}

/** An amount of an asset, in stroops. */
export interface Outflowing {
  readonly asset: Asset;
  readonly amount: bigint;
}

interface CeilingRow {
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly per_hour: bigint;
  readonly used: string;
  readonly reached_at: Date | null;
}

/**
 * The minutes in which what a ledger paid in the last hour may have been signed: a ledger may take it until its time has
 * passed, which is two minutes at most. The minute that is cut by the beginning counts whole.
 */
const LAST_HOUR = `m.minute >= date_trunc('minute', now()) - interval '62 minutes'`;
const KEPT = '3 hours';
/** How long a ceiling counts as reached after a payment last had to wait for it. */
const REACHED_FOR = '2 minutes';

/** How much of an asset a tenant may pay in an hour. Payments beyond it wait; none fails. */
export class OutflowCeilings {
  /** The ceilings of the tenant, with what is used of them. */
  async list(tx: TenantTx): Promise<readonly OutflowCeiling[]> {
    const rows = await tx.query<CeilingRow & Record<string, unknown>>(
      `SELECT c.asset_code, c.asset_issuer, c.per_hour, c.reached_at, coalesce(
                (SELECT sum(m.amount) FROM submissions.outflow_minutes m
                  WHERE m.tenant_id = $1 AND m.asset_code = c.asset_code AND m.asset_issuer = c.asset_issuer
                    AND ${LAST_HOUR}), 0)::text AS used
         FROM submissions.outflow_ceilings c WHERE c.tenant_id = $1 ORDER BY c.asset_code, c.asset_issuer`,
      [tx.tenantId],
    );
    return rows.map((row) => ({
      asset: { code: row.asset_code, issuer: row.asset_issuer },
      perHour: row.per_hour,
      used: BigInt(row.used),
      reachedAt: row.reached_at,
    }));
  }

  /** The same, and nobody else signs for the tenant against them until the end of the database transaction. */
  async lock(tx: TenantTx): Promise<readonly OutflowCeiling[]> {
    const locked = await tx.query(
      `SELECT FROM submissions.outflow_ceilings WHERE tenant_id = $1 ORDER BY asset_code, asset_issuer FOR UPDATE`,
      [tx.tenantId],
    );
    // In a new statement: it sees what those who had the lock before have written.
    return locked.length === 0 ? [] : await this.list(tx);
  }

  /** Counts what is signed in this database transaction. Only assets that have a ceiling need to be told. */
  async take(tx: TenantTx, signed: readonly Outflowing[]): Promise<void> {
    if (signed.length === 0) return;
    await tx.execute(
      `INSERT INTO submissions.outflow_minutes AS m (tenant_id, asset_code, asset_issuer, minute, amount)
       SELECT $1, s.code, s.issuer, date_trunc('minute', now()), sum(s.amount)
         FROM unnest($2::text[], $3::text[], $4::numeric[]) AS s (code, issuer, amount) GROUP BY s.code, s.issuer
       ON CONFLICT (tenant_id, asset_code, asset_issuer, minute) DO UPDATE SET amount = m.amount + excluded.amount`,
      [
        tx.tenantId,
        signed.map(({ asset }) => asset.code),
        signed.map(({ asset }) => asset.issuer),
        signed.map(({ amount }) => String(amount)),
      ],
    );
    await tx.execute(
      `DELETE FROM submissions.outflow_minutes WHERE tenant_id = $1 AND minute < now() - $2::interval`,
      [tx.tenantId, KEPT],
    );
  }

  /** Payments have to wait for these. */
  async markReached(tx: TenantTx, assets: readonly Asset[]): Promise<void> {
    await tx.execute(
      `UPDATE submissions.outflow_ceilings c SET reached_at = now()
         FROM unnest($2::text[], $3::text[]) AS r (code, issuer)
        WHERE c.tenant_id = $1 AND c.asset_code = r.code AND c.asset_issuer = r.issuer`,
      [tx.tenantId, assets.map(({ code }) => code), assets.map(({ issuer }) => issuer)],
    );
  }

  /** How many ceilings there are, and for how many of them payments wait now. */
  async count(tx: SystemTx): Promise<{ readonly all: number; readonly reached: number }> {
    const row = await tx.queryOne<{ all: bigint; reached: bigint }>(
      `SELECT count(*) AS all, count(*) FILTER (WHERE reached_at > now() - $1::interval) AS reached
         FROM submissions.outflow_ceilings`,
      [REACHED_FOR],
    );
    return { all: Number(row?.all ?? 0n), reached: Number(row?.reached ?? 0n) };
  }

  /**
   * Sets the ceiling of an asset. What was signed within the last hour counts. After the caller's commit nothing is signed
   * beyond it.
   */
  async set(tx: TenantTx, asset: Asset, perHour: bigint): Promise<void> {
    await lockForHolding(tx);
    const changed = await tx.execute(
      `UPDATE submissions.outflow_ceilings SET per_hour = $4, updated_at = now()
        WHERE tenant_id = $1 AND asset_code = $2 AND asset_issuer = $3`,
      [tx.tenantId, asset.code, asset.issuer, perHour],
    );
    if (changed === 0) {
      await tx.execute(
        `INSERT INTO submissions.outflow_ceilings (tenant_id, asset_code, asset_issuer, per_hour) VALUES ($1, $2, $3, $4)`,
        [tx.tenantId, asset.code, asset.issuer, perHour],
      );
      await this.countLastHour(tx, asset);
    }
    await tx.execute(`SELECT pg_notify('submissions_queued', '')`);
  }

  /** False when there was none. */
  async remove(tx: TenantTx, asset: Asset): Promise<boolean> {
    await lockForHolding(tx);
    const removed = await tx.execute(
      `DELETE FROM submissions.outflow_ceilings WHERE tenant_id = $1 AND asset_code = $2 AND asset_issuer = $3`,
      [tx.tenantId, asset.code, asset.issuer],
    );
    if (removed > 0) await tx.execute(`SELECT pg_notify('submissions_queued', '')`);
    return removed > 0;
  }

  /** Nothing was counted while there was no ceiling. */
  private async countLastHour(tx: TenantTx, asset: Asset): Promise<void> {
    const values = [tx.tenantId, asset.code, asset.issuer];
    await tx.execute(
      `DELETE FROM submissions.outflow_minutes WHERE tenant_id = $1 AND asset_code = $2 AND asset_issuer = $3`,
      values,
    );
    await tx.execute(
      `INSERT INTO submissions.outflow_minutes (tenant_id, asset_code, asset_issuer, minute, amount)
       SELECT $1, $2, $3, date_trunc('minute', a.created_at), sum(s.amount)
         FROM submissions.submissions s
         JOIN submissions.attempt_submissions l ON l.tenant_id = $1 AND l.submission_id = s.id
         JOIN submissions.attempts a ON a.tenant_id = $1 AND a.id = l.attempt_id
        WHERE s.tenant_id = $1 AND s.asset_code = $2 AND s.asset_issuer = $3
          AND ((s.status = 'SUCCESS' AND s.updated_at > now() - interval '61 minutes' AND a.id = s.attempt_id)
            OR (s.status IN ('SIGNED', 'UNKNOWN') AND l.live))
        GROUP BY 4`,
      values,
    );
  }
}

/** What these attempts would have paid counts no more: they ended, and nothing was paid. */
export async function giveBackOutflow(tx: TenantTx, attemptIds: readonly string[]): Promise<void> {
  await tx.execute(
    `WITH back AS (
       SELECT s.asset_code, s.asset_issuer, date_trunc('minute', a.created_at) AS minute, sum(s.amount) AS amount
         FROM submissions.attempts a
         JOIN submissions.attempt_submissions l ON l.tenant_id = $1 AND l.attempt_id = a.id
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.id = l.submission_id
        WHERE a.tenant_id = $1 AND a.id = ANY($2)
          -- Asked once: where there is no ceiling, nothing is read.
          AND EXISTS (SELECT FROM submissions.outflow_ceilings WHERE tenant_id = $1)
        GROUP BY 1, 2, 3)
     UPDATE submissions.outflow_minutes m SET amount = greatest(0, m.amount - back.amount)
       FROM back
      WHERE m.tenant_id = $1 AND m.asset_code = back.asset_code AND m.asset_issuer = back.asset_issuer
        AND m.minute = back.minute`,
    [tx.tenantId, attemptIds],
  );
}
