import type { TenantTx } from '@libs/persistence';

/**
 * The advisory locks between signing and holding. Whoever signs takes both shared; whoever holds takes the tenant's
 * exclusively, so that after `hold` has returned nothing new is signed. Always everything first, then the tenant.
 */
const EVERYTHING = `hashtextextended('submissions:everything', 0)`;
const TENANT = `hashtextextended('submissions:' || $1::text, 0)`;

export async function lockForSigning(tx: TenantTx): Promise<void> {
  // Two statements: a single one could take them in either order.
  await tx.execute(`SELECT pg_advisory_xact_lock_shared(${EVERYTHING})`);
  await tx.execute(`SELECT pg_advisory_xact_lock_shared(${TENANT})`, [tx.tenantId]);
}

export async function lockForHolding(tx: TenantTx): Promise<void> {
  await tx.execute(`SELECT pg_advisory_xact_lock_shared(${EVERYTHING})`);
  await tx.execute(`SELECT pg_advisory_xact_lock(${TENANT})`, [tx.tenantId]);
}
