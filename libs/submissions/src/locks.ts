import type { SystemTx, TenantTx } from '@libs/persistence';

import { HistoryChangedError } from './history.errors';

/**
 * The advisory locks between signing and holding. Whoever signs takes both shared; whoever holds takes the tenant's
 * exclusively, so that after `hold` has returned nothing new is signed. Always everything first, then the tenant.
 *
 * Nobody can starve the one who holds: PostgreSQL lets no new shared lock pass one that waits for an exclusive one, so a
 * holder waits for the signers of that moment only. None of those may keep it waiting: a session that says nothing in the
 * middle of its database transaction (a frozen process) is ended by the server, and one that waits for a row gives up.
 */
const EVERYTHING = `hashtextextended('submissions:everything', 0)`;
const TENANT = `hashtextextended('submissions:' || $1::text, 0)`;
/** Between two statements of signing nothing waits for the outside, so a silence this long is a frozen process. */
const SILENCE_MAX = `set_config('idle_in_transaction_session_timeout', '5s', true)`;
const ROW_WAIT_MAX = `set_config('lock_timeout', '5s', true)`;

/**
 * Also looks, on the connection that will write, whether this is still the database that agrees with the ledger: one that
 * was restored or promoted a moment ago signs and sends nothing. Throws `HistoryChangedError` when it is another.
 */
export async function lockForSigning(tx: TenantTx): Promise<void> {
  // Two statements: a single one could take them in either order.
  await tx.execute(`SELECT ${SILENCE_MAX}, pg_advisory_xact_lock_shared(${EVERYTHING})`);
  // The limit comes after the lock: waiting for a holder may take as long as the holder needs.
  const row = await tx.queryOne<{ agreed: boolean }>(
    `SELECT pg_advisory_xact_lock_shared(${TENANT}), ${ROW_WAIT_MAX}, submissions.is_agreed_history() AS agreed`,
    [tx.tenantId],
  );
  if (row?.agreed !== true) throw new HistoryChangedError();
}

export async function lockForHolding(tx: TenantTx): Promise<void> {
  await tx.execute(`SELECT pg_advisory_xact_lock_shared(${EVERYTHING})`);
  await tx.execute(`SELECT pg_advisory_xact_lock(${TENANT})`, [tx.tenantId]);
}

/** Nobody signs, holds or withdraws anything while this is held. */
export async function lockEverything(tx: SystemTx): Promise<void> {
  await tx.execute(`SELECT ${SILENCE_MAX}, pg_advisory_xact_lock(${EVERYTHING})`);
}
