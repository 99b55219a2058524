import type { SystemTx, TenantTx } from '@libs/persistence';

/** An attempt whose sequence number was used by nothing that can be found. */
export interface Contradiction {
  readonly tenantId: string;
  readonly attemptId: string;
  /** The hash of the inner ledger transaction. */
  readonly reference: string;
  readonly channelAccount: string;
  readonly sequence: bigint;
  readonly distributionAccount: string;
  /** No ledger that closes later can apply it. */
  readonly maxTime: Date;
  readonly since: Date;
  /** Old enough for a person to end it. */
  readonly mayBeResolved: boolean;
  readonly payments: readonly ContradictedPayment[];
}

export interface ContradictedPayment {
  readonly paymentId: string;
  readonly dispatch: number;
  readonly destination: string;
  /** `XLM`, or code and issuer with a colon. */
  readonly asset: string;
  /** In stroops. */
  readonly amount: bigint;
}

/** How a person ended a contradiction. */
export type Resolution =
  { readonly as: 'unpaid' } | { readonly as: 'paid'; readonly ledger: number; readonly closedAt: Date };

/** All nodes were asked again after each ledger for this long. */
const CONTRADICTION_MINUTES = 60;
const LISTED_MAX = 1_000;

type ContradictionRow = Omit<Contradiction, 'payments'> & ContradictedPayment & Record<string, unknown>;

export class ContradictionRepository {
  /** The oldest first, at most a thousand payments. */
  async list(tx: SystemTx): Promise<readonly Contradiction[]> {
    const rows = await tx.query<ContradictionRow>(
      `SELECT a.tenant_id AS "tenantId", a.id AS "attemptId", a.reference, a.channel_account AS "channelAccount",
              a.sequence, a.distribution_account AS "distributionAccount", a.max_time AS "maxTime",
              a.contradicted_at AS since,
              a.contradicted_at < now() - interval '${String(CONTRADICTION_MINUTES)} minutes' AS "mayBeResolved",
              s.payment_id AS "paymentId", s.dispatch, s.destination, s.amount,
              CASE WHEN s.asset_issuer = '' THEN s.asset_code ELSE s.asset_code || ':' || s.asset_issuer END AS asset
         FROM submissions.channel_accounts c
         JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
         JOIN submissions.attempt_submissions l ON l.tenant_id = a.tenant_id AND l.attempt_id = a.id
         JOIN submissions.submissions s ON s.tenant_id = a.tenant_id AND s.id = l.submission_id
        WHERE a.contradicted_at IS NOT NULL AND a.ended_at IS NULL
        ORDER BY a.contradicted_at, a.id, l.position LIMIT ${String(LISTED_MAX)}`,
    );
    return [...Map.groupBy(rows, (row) => row.attemptId).values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const payments = own.map(({ paymentId, dispatch, destination, asset, amount }) => ({
        ...{ paymentId, dispatch, destination, asset, amount },
      }));
      return [{ ...first, payments }];
    });
  }

  /** How many there are, and how many of them wait for a person. */
  async count(tx: SystemTx): Promise<{ readonly all: number; readonly old: number }> {
    const row = await tx.queryOne<{ all: bigint; old: bigint }>(
      `SELECT count(*) AS all,
              count(*) FILTER (WHERE a.contradicted_at < now() - interval '${String(CONTRADICTION_MINUTES)} minutes') AS old
         FROM submissions.channel_accounts c
         JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
        WHERE a.contradicted_at IS NOT NULL AND a.ended_at IS NULL`,
    );
    return { all: Number(row?.all ?? 0n), old: Number(row?.old ?? 0n) };
  }

  /** What a person decided about these attempts; the newest decision counts. */
  async resolutions(
    tx: TenantTx,
    attemptIds: readonly string[],
  ): Promise<ReadonlyMap<string, Resolution & { readonly actor: string }>> {
    if (attemptIds.length === 0) return new Map();
    const rows = await tx.query<{
      subject: string;
      actor: string;
      details: { readonly as: string; readonly ledger?: number; readonly closed_at?: string };
    }>(
      `SELECT DISTINCT ON (subject) subject, actor, details FROM submissions.operator_decisions
        WHERE kind = 'resolve-contradiction' AND subject = ANY($1) ORDER BY subject, decided_at DESC`,
      [attemptIds],
    );
    return new Map(
      rows.flatMap(({ subject, actor, details }): [string, Resolution & { readonly actor: string }][] => {
        const { as, ledger, closed_at: closedAt } = details;
        if (as === 'unpaid') return [[subject, { actor, as }]];
        if (as !== 'paid' || ledger === undefined || closedAt === undefined) return [];
        return [[subject, { actor, as, ledger, closedAt: new Date(closedAt) }]];
      }),
    );
  }
}
