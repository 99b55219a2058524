import type { TenantTx } from '@libs/persistence';
import { type Holds, OwnCauseRepository, type StillPayable } from '@libs/submissions';

/** How the reasons of holds begin that we lay because of what the ledger said. */
export const OURS_TO_FIX = 'ledger:';

/** Why a tenant is held when its paying account or key must be mended first. */
export const oursToFixReason = (code: string): string => `${OURS_TO_FIX}${code}`;

/** Holds the tenant of the database transaction until a cause of ours is gone. The waiting costs no payment its patience. */
export async function holdForOwnCause(
  tx: TenantTx,
  holds: Holds,
  code: string,
): Promise<readonly StillPayable[]> {
  const still = await holds.hold(tx, { type: 'tenant', id: tx.tenantId }, oursToFixReason(code));
  await new OwnCauseRepository().forgetRefusals(tx);
  return still;
}
