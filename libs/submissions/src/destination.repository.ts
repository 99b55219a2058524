import { assetKey, type DestinationFacts, type PlannedPayment } from '@libs/ledger';
import { isNative } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

/** What was seen of an account longer ago than this is looked at again. */
const FRESH_HOURS = 24;
/** How urgent it is to look at what failed before or seems to be bad. */
const SUSPECT = 1;

/** What is known of the accounts that are paid. Written by whoever looked at one: at the registration, or before a payment. */
export class DestinationRepository {
  /** Keeps what was just seen. */
  async learn(tx: TenantTx, seen: readonly DestinationFacts[]): Promise<void> {
    if (seen.length === 0) return;
    await tx.execute(
      `INSERT INTO submissions.destinations (tenant_id, address, account_exists, memo_required, lines, is_partial)
       SELECT DISTINCT ON (s.address) $1, s.*
         FROM unnest($2::text[], $3::boolean[], $4::boolean[], $5::jsonb[], $6::boolean[])
           AS s (address, account_exists, memo_required, lines, is_partial)
       ON CONFLICT (tenant_id, address) DO UPDATE
         SET account_exists = excluded.account_exists, memo_required = excluded.memo_required,
             lines = excluded.lines, is_partial = excluded.is_partial, failed = false, checked_at = now()`,
      [
        tx.tenantId,
        seen.map((one) => one.address),
        seen.map((one) => one.exists),
        seen.map((one) => one.memoRequired),
        seen.map((one) => JSON.stringify(linesOf(one))),
        seen.map((one) => one.isPartial),
      ],
    );
  }

  /** A payment to these failed for a cause of theirs: whatever was known, they are looked at again before the next one. */
  async distrust(tx: TenantTx, addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return;
    await tx.execute(
      `INSERT INTO submissions.destinations (tenant_id, address, account_exists, memo_required, lines, is_partial, failed)
       SELECT DISTINCT $1::uuid, a, true, false, '{}'::jsonb, true, true FROM unnest($2::text[]) AS a
       ON CONFLICT (tenant_id, address) DO UPDATE SET failed = true`,
      [tx.tenantId, addresses],
    );
  }

  /**
   * The places in the list of those payments whose account should be looked at before they are signed, at most `limit`: what
   * failed before or seems not to be able to take it; and what is unknown or was seen more than a day ago, all of it or
   * nothing. One that is left out can fail the envelope of the others, and then the ledger names all that are bad at once.
   */
  async toLookAt(
    tx: TenantTx,
    payments: readonly PlannedPayment[],
    limit: number,
  ): Promise<readonly number[]> {
    const rows = await tx.query<{ place: bigint; urgency: number; wanted: bigint }>(
      `SELECT p.place, u.urgency, count(*) OVER () AS wanted FROM unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[]) WITH ORDINALITY
              AS p (address, asset, amount, has_memo, place)
         LEFT JOIN LATERAL (
           SELECT * FROM submissions.destinations k WHERE k.tenant_id = $1 AND k.address = p.address LIMIT 1) d ON true
        CROSS JOIN LATERAL (SELECT CASE
            WHEN d.address IS NULL THEN 2
            WHEN d.failed OR NOT d.account_exists OR (d.memo_required AND NOT p.has_memo) THEN ${String(SUSPECT)}
            WHEN d.checked_at < now() - interval '${String(FRESH_HOURS)} hours' THEN 2
            WHEN p.asset IS NULL THEN 0
            WHEN NOT d.lines ? p.asset THEN CASE WHEN d.is_partial THEN 2 ELSE ${String(SUSPECT)} END
            WHEN coalesce((d.lines ->> p.asset)::bigint, -1) < p.amount THEN ${String(SUSPECT)}
            ELSE 0 END AS urgency) u
        WHERE u.urgency > 0
        ORDER BY u.urgency, p.place LIMIT $6`,
      [
        tx.tenantId,
        payments.map((one) => one.destination),
        payments.map((one) => (needsLine(one) ? assetKey(one.asset) : null)),
        payments.map((one) => one.amount),
        payments.map((one) => one.memo !== null),
        limit,
      ],
    );
    return rows
      .filter(({ urgency, wanted }) => urgency === SUSPECT || wanted <= BigInt(limit))
      .map(({ place }) => Number(place) - 1);
  }
}

const needsLine = ({ asset, destination }: PlannedPayment): boolean =>
  !isNative(asset) && asset.issuer !== destination;

const linesOf = ({ lines }: DestinationFacts): Record<string, string | null> =>
  Object.fromEntries(
    Object.entries(lines).map(([asset, { authorized, room }]) => [asset, authorized ? String(room) : null]),
  );
