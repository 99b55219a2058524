import { LOWEST_ID } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { UNHELD } from './payments-to-work-on.read-model';

/**
 * So many payments of a tenant may be with submission at once: more than its channel accounts can carry, few enough that a
 * pause, a cancellation or a payment of somebody else does not have a million of them before it.
 */
const BACKLOG_MAX = 10_000;
/** A direct payment need not wait for room that a disbursement has taken: so many more may be there. */
export const DIRECT_BEYOND_MAX = 2_500;

/** A READY payment whose wallet was registered when somebody last looked. */
export interface PayablePayment {
  readonly id: string;
  /** Whether nothing keeps it from going now. */
  readonly canGo: boolean;
}

/** A walk over READY payments whose wallet is registered. */
export interface PayableWalk {
  readonly type: 'DIRECT' | 'DISBURSEMENT';
  readonly after: string;
  readonly limit: number;
}

/** Where a walk over all READY payments stands. */
export interface ReadyPlace {
  /** As PostgreSQL writes it: a Date has no microseconds, and would lose payments of the same millisecond. */
  readonly createdAt: string;
  readonly id: string;
}

const BEFORE_ALL: ReadyPlace = { createdAt: '-infinity', id: LOWEST_ID };

/**
 * Keeps the short list of what can be dispatched: an index of READY payments of registered wallets, which neither grows with
 * what was paid nor with who has not registered yet.
 */
export class PayablePayments {
  constructor(private readonly backlogMax = BACKLOG_MAX) {}

  /** The next of the list in the order of their ids, held ones and those of paused disbursements too. */
  async next(tx: TenantTx, walk: PayableWalk): Promise<readonly PayablePayment[]> {
    // Disbursements each by its id: a chunk has few of them, however many an organisation has.
    const rows = await tx.query<{ id: string; can_go: boolean }>(
      `WITH p AS MATERIALIZED (
         SELECT tenant_id, id, type, disbursement_id, receiver_wallet_id, disputed FROM disbursements.payments
          WHERE tenant_id = $1 AND status = 'READY' AND wallet_registered AND type = $2 AND id > $3
          ORDER BY type, id LIMIT $4)
       SELECT p.id, (rw.status = 'REGISTERED' AND NOT p.disputed AND (p.type = 'DIRECT' OR d.status = 'STARTED')
                     AND ${UNHELD}) AS can_go
         FROM p
         JOIN receivers.receiver_wallets rw ON rw.tenant_id = p.tenant_id AND rw.id = p.receiver_wallet_id
         LEFT JOIN LATERAL (SELECT one.status FROM disbursements.disbursements one
                             WHERE one.tenant_id = p.tenant_id AND one.id = p.disbursement_id LIMIT 1) d ON true
        ORDER BY p.id`,
      [tx.tenantId, walk.type, walk.after, walk.limit],
    );
    return rows.map((row) => ({ id: row.id, canGo: row.can_go }));
  }

  /** How many more payments of the tenant's disbursements submission may be given; below 0 when direct ones take more. */
  async room(tx: TenantTx): Promise<number> {
    const row = await tx.queryOne<{ pending: number }>(
      `SELECT (SELECT coalesce(sum(count_pending), 0) FROM disbursements.disbursements
                WHERE tenant_id = $1 AND status IN ('STARTED', 'PAUSED'))::int
            + (SELECT count(*) FROM (SELECT FROM disbursements.payments
                WHERE tenant_id = $1 AND status = 'PENDING' AND type = 'DIRECT' LIMIT $2) AS direct)::int AS pending`,
      [tx.tenantId, this.backlogMax + DIRECT_BEYOND_MAX],
    );
    return this.backlogMax - (row?.pending ?? 0);
  }

  /** Puts the open payments of these receiver wallets on the list, as far as the wallets are registered. */
  async noteWallets(tx: TenantTx, receiverWalletIds: readonly string[]): Promise<void> {
    await this.note(tx, 'p.receiver_wallet_id = ANY($2::uuid[])', receiverWalletIds);
  }

  /** The same for payments. */
  async notePayments(tx: TenantTx, ids: readonly string[]): Promise<void> {
    await this.note(tx, 'p.id = ANY($2::uuid[])', ids);
  }

  /**
   * Looks at the next READY payments behind `after` (null: from the first), at most `limit`, and corrects the list where an event
   * was lost. Returns the place of the last one that it looked at; null at the end.
   */
  async correct(tx: TenantTx, after: ReadyPlace | null, limit: number): Promise<ReadyPlace | null> {
    const { createdAt, id } = after ?? BEFORE_ALL;
    // Ordered by the status too, although it is always the same: only an index of each status gives that order, whatever
    // PostgreSQL thinks of how many are READY.
    const rows = await tx.query<ReadyPlace & { registered: boolean; listed: boolean }>(
      `WITH p AS MATERIALIZED (
         SELECT created_at, id, receiver_wallet_id, wallet_registered FROM disbursements.payments
          WHERE tenant_id = $1 AND status = ANY($2) AND (created_at, id) > ($3::timestamptz, $4::uuid)
          ORDER BY status, created_at, id LIMIT $5)
       SELECT p.created_at::text AS "createdAt", p.id, p.wallet_registered AS listed, rw.registered
         FROM p CROSS JOIN LATERAL (
           -- One look per payment, and never the whole table of wallets.
           SELECT w.status IN ('REGISTERED', 'FLAGGED') AND w.stellar_address IS NOT NULL AS registered
             FROM receivers.receiver_wallets w WHERE w.tenant_id = $1 AND w.id = p.receiver_wallet_id OFFSET 0) AS rw
        ORDER BY p.created_at, p.id`,
      [tx.tenantId, ['READY'], createdAt, id, limit],
    );
    const wrong = rows.filter((row) => row.listed !== row.registered);
    await this.write(tx, idsOf(wrong.filter((row) => row.registered)), true);
    await this.write(tx, idsOf(wrong.filter((row) => !row.registered)), false);
    return rows.length < limit ? null : (rows.at(-1) ?? null);
  }

  private async write(tx: TenantTx, ids: readonly string[], registered: boolean): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      `UPDATE disbursements.payments p SET wallet_registered = $3
         FROM (SELECT id FROM disbursements.payments
                WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND wallet_registered <> $3 ORDER BY id FOR UPDATE) AS chosen
        WHERE p.tenant_id = $1 AND p.id = chosen.id`,
      [tx.tenantId, ids, registered],
    );
  }

  /** DRAFT too: who registers in the very moment in which the payment is released must not be missed. */
  private async note(tx: TenantTx, which: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute(
      `UPDATE disbursements.payments p SET wallet_registered = true
         FROM (SELECT p.id FROM disbursements.payments p
                WHERE p.tenant_id = $1 AND ${which} AND ${ofNamedRows("p.status IN ('DRAFT', 'READY', 'PAUSED')")} AND NOT p.wallet_registered
                  AND EXISTS (${REGISTERED_WALLET})
                ORDER BY p.id FOR UPDATE) AS chosen
        WHERE p.tenant_id = $1 AND p.id = chosen.id`,
      [tx.tenantId, ids],
    );
  }
}

const REGISTERED_WALLET = `SELECT FROM receivers.receiver_wallets rw
  WHERE rw.tenant_id = p.tenant_id AND rw.id = p.receiver_wallet_id AND rw.status = 'REGISTERED'`;

/**
 * What *release* and *resume* of the next payments write beside the status, so that who is registered already is on the list at once.
 * The wallets of all that are `chosen` are looked up together, by their ids alone: with the status as well, PostgreSQL may go over all
 * registered wallets of the organisation.
 */
export const LISTED_WHEN_REGISTERED = `wallet_registered = p.wallet_registered OR p.receiver_wallet_id IN (
  SELECT rw.id FROM receivers.receiver_wallets rw
   WHERE rw.tenant_id = $1 AND rw.id = ANY(ARRAY(SELECT receiver_wallet_id FROM chosen)) AND ${ofNamedRows("rw.status = 'REGISTERED'")})`;

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map((row) => row.id);
