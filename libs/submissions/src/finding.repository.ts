import type { SystemTx } from '@libs/persistence';

import type { Finding, FindingKind, StoredFinding } from './finding';

const LISTED_MAX = 10_000;
const COLUMNS = `kind, subject, tenant AS "tenantId", details, found_at AS "foundAt", seen_at AS "seenAt"`;

/** Keeps what did not agree, until it agrees again or a person has closed it. */
export class FindingRepository {
  /** Returns those that are new; one that a person has closed stays closed. */
  async report(tx: SystemTx, findings: readonly Finding[]): Promise<readonly Finding[]> {
    if (findings.length === 0) return [];
    const rows = await tx.query<{ kind: string; subject: string; fresh: boolean }>(
      `INSERT INTO submissions.findings AS f (kind, subject, tenant, details)
       SELECT DISTINCT ON (n.kind, n.subject) n.* FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[])
         AS n (kind, subject, tenant, details)
       ON CONFLICT (kind, subject) DO UPDATE SET seen_at = now(), details = excluded.details
       RETURNING kind, subject, (xmax = 0) AS fresh`,
      [
        findings.map((one) => one.kind),
        findings.map((one) => one.subject),
        findings.map((one) => one.tenantId),
        findings.map((one) => JSON.stringify(one.details)),
      ],
    );
    const fresh = new Set(rows.filter((row) => row.fresh).map((row) => `${row.kind} ${row.subject}`));
    return findings.filter((one) => fresh.has(`${one.kind} ${one.subject}`));
  }

  /** Open ones of the given kinds that were found since a moment, the oldest first, at most ten thousand. */
  async open(
    tx: SystemTx,
    options: { readonly kinds?: readonly FindingKind[]; readonly since?: Date } = {},
  ): Promise<readonly StoredFinding[]> {
    return await tx.query<StoredFinding & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM submissions.findings
        WHERE closed_at IS NULL AND ($1::text[] IS NULL OR kind = ANY($1)) AND ($2::timestamptz IS NULL OR found_at >= $2)
        ORDER BY found_at, kind, subject LIMIT ${String(LISTED_MAX)}`,
      [options.kinds ?? null, options.since ?? null],
    );
  }

  async countOpen(tx: SystemTx): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ kind: string; count: bigint }>(
      `SELECT kind, count(*) AS count FROM submissions.findings WHERE closed_at IS NULL GROUP BY kind`,
    );
    return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
  }

  /** Closes open ones; `by` is who found out that they are settled. Returns how many were open. */
  async close(tx: SystemTx, kind: FindingKind, subjects: readonly string[], by: string): Promise<number> {
    if (subjects.length === 0) return 0;
    return await tx.execute(
      `UPDATE submissions.findings SET closed_at = now(), closed_by = $3
        WHERE kind = $1 AND subject = ANY($2) AND closed_at IS NULL`,
      [kind, subjects, by],
    );
  }
}
