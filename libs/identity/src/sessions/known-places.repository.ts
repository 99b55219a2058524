import type { TenantTx } from '@libs/persistence';

/** A place that nobody signed in from for this long is a strange one again. */
const KNOWN_FOR = '90 days';
const PLACES_MAX = 50;

/** Devices and addresses from which a person has signed in before, as hashes. */
export class KnownPlacesRepository {
  /** Those of the places that the person has signed in from; none for nobody. */
  async known(tx: TenantTx, userId: string | null, places: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const rows = await tx.query<{ readonly place_hash: Uint8Array }>(
      `SELECT place_hash FROM identity.known_places
        WHERE tenant_id = $1 AND user_id = $2 AND place_hash = ANY($3::bytea[])
          AND last_used_at > now() - interval '${KNOWN_FOR}'`,
      [tx.tenantId, userId, places],
    );
    return rows.map((row) => row.place_hash);
  }

  /** The person has just signed in from these. */
  async remember(tx: TenantTx, userId: string, places: readonly Uint8Array[]): Promise<void> {
    await tx.execute(
      `INSERT INTO identity.known_places (tenant_id, user_id, place_hash) SELECT $1, $2, unnest($3::bytea[])
       ON CONFLICT (tenant_id, user_id, place_hash) DO UPDATE SET last_used_at = now()`,
      [tx.tenantId, userId, places],
    );
    await tx.execute(
      `DELETE FROM identity.known_places WHERE tenant_id = $1 AND user_id = $2 AND place_hash IN (
         SELECT place_hash FROM identity.known_places WHERE tenant_id = $1 AND user_id = $2
          ORDER BY last_used_at DESC, place_hash OFFSET ${String(PLACES_MAX)})`,
      [tx.tenantId, userId],
    );
  }
}
