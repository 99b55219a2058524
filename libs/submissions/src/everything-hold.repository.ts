import type { SystemTx } from '@libs/persistence';

import { lockEverything } from './locks';

export interface HoldOnEverything {
  readonly reason: string;
  readonly actor: string;
  readonly since: Date;
}

const HOLDS_MAX = 100;
const TENANTS_MAX = 1_000;

/**
 * The emergency stop: a hold on all payments of all tenants.
 *
 * `lay` waits for signing that is under way. After the caller's commit nothing new is signed and nothing that was only
 * stored is sent, in any instance. What was sent before cannot be called back; `Holds.mayStillBePaid` lists it per tenant.
 */
export class EverythingHold {
  /** False when it was laid for this very reason already. */
  async lay(
    tx: SystemTx,
    { reason, actor }: { readonly reason: string; readonly actor: string },
  ): Promise<boolean> {
    await lockEverything(tx);
    const rows = await tx.execute(
      `INSERT INTO submissions.global_holds (reason, actor) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [reason, actor],
    );
    return rows > 0;
  }

  /** Lifts the hold that was laid for this reason; others stay. False when there was none. */
  async lift(tx: SystemTx, reason: string): Promise<boolean> {
    const rows = await tx.execute(`DELETE FROM submissions.global_holds WHERE reason = $1`, [reason]);
    if (rows > 0) await tx.execute(`SELECT pg_notify('submissions_queued', '')`);
    return rows > 0;
  }

  /** The oldest first, at most a hundred. */
  async list(tx: SystemTx): Promise<readonly HoldOnEverything[]> {
    return await tx.query<HoldOnEverything & Record<string, unknown>>(
      `SELECT reason, actor, created_at AS since FROM submissions.global_holds
        ORDER BY created_at, reason LIMIT ${String(HOLDS_MAX)}`,
    );
  }

  /**
   * The tenants that have an attempt on its way, of which some payments may still be paid; after a restore or a failover, all
   * that have payments without an outcome. At most a thousand.
   */
  async tenantsInFlight(tx: SystemTx): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant: string }>(
      `SELECT live_tenant AS tenant FROM submissions.channel_accounts WHERE live_tenant IS NOT NULL
       UNION
       SELECT tenant_id FROM submissions.submissions
        WHERE NOT (SELECT submissions.is_agreed_history()) AND status IN ('QUEUED', 'SIGNED', 'UNKNOWN')
        ORDER BY 1 LIMIT ${String(TENANTS_MAX)}`,
    );
    return rows.map(({ tenant }) => tenant);
  }

  /** How many channel accounts carry an attempt that the ledger has not decided. */
  async attemptsInFlight(tx: SystemTx): Promise<number> {
    const row = await tx.queryOne<{ count: bigint }>(
      `SELECT count(*) AS count FROM submissions.channel_accounts WHERE live_attempt IS NOT NULL`,
    );
    return Number(row?.count ?? 0n);
  }
}
