import type { AttemptStatus } from '@libs/contracts';
import type { SystemTx } from '@libs/persistence';

/** One payment that an attempt carries, as it was ordered. */
export interface CarriedPayment {
  /** Its operation in the ledger transaction, from 0. */
  readonly position: number;
  readonly paymentId: string;
  readonly destination: string;
  readonly assetCode: string;
  readonly assetIssuer: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly memoType: string | null;
  readonly memoValue: string | null;
}

export interface KnownAttempt {
  readonly tenantId: string;
  readonly id: string;
  readonly reference: string;
  readonly status: AttemptStatus;
  readonly payments: readonly CarriedPayment[];
}

export interface OverdueAttempt {
  readonly tenantId: string;
  readonly id: string;
  readonly reference: string;
  readonly maxTime: Date;
  readonly contradictedAt: Date | null;
}

export interface PaidPage {
  /** Those whose success no applied attempt proves. */
  readonly unproven: readonly {
    readonly tenantId: string;
    readonly id: string;
    readonly paymentId: string;
  }[];
  readonly count: number;
}

interface AttemptRow extends CarriedPayment {
  readonly tenantId: string;
  readonly id: string;
  readonly reference: string;
  readonly status: AttemptStatus;
}

const BOOKS = '-';
const OVERDUE_MAX = 1_000;
/** A database transaction that began this long ago has ended: what became SUCCESS before it can be seen. */
const SETTLED_AFTER = '2 minutes';

/** Reads across tenants what is compared with the ledger, and keeps how far that has come. */
export class ReconciliationRepository {
  /** The accounts that money of tenants leaves from: the host's, of tenants, of the vault, and earlier ones; sorted. */
  async payingAccounts(tx: SystemTx, host: string): Promise<readonly string[]> {
    const rows = await tx.query<{ account: string }>(
      `SELECT distribution_account_address AS account FROM tenants.tenants
        WHERE distribution_account_address IS NOT NULL AND distribution_account_type LIKE '%.STELLAR.%'
       UNION SELECT account FROM submissions.vault WHERE purpose = 'distribution'
       UNION SELECT account FROM submissions.reconciled_accounts WHERE account <> '${BOOKS}'`,
    );
    return [...new Set([host, ...rows.map(({ account }) => account)])].sort();
  }

  /**
   * Up to which ledger each account was compared. One that was never compared starts where the platform first agreed with
   * the ledger, or at its first attempt, or at `latest`.
   */
  async comparedUntil(
    tx: SystemTx,
    accounts: readonly string[],
    latest: number,
  ): Promise<ReadonlyMap<string, number>> {
    const rows = await tx.query<{ account: string; ledger: bigint }>(
      `SELECT wanted.account, coalesce(
                (SELECT r.ledger FROM submissions.reconciled_accounts r WHERE r.account = wanted.account),
                (SELECT d.agreed_ledger FROM submissions.database_identity d),
                (SELECT min(a.last_ledger) FROM submissions.attempts a WHERE a.distribution_account = wanted.account),
                $2::bigint) AS ledger
         FROM unnest($1::text[]) AS wanted (account)`,
      [accounts, latest],
    );
    return new Map(rows.map(({ account, ledger }) => [account, Number(ledger)]));
  }

  /** Moves on, never back; and not while the database may have forgotten what it ordered. */
  async saveCompared(tx: SystemTx, account: string, ledger: number): Promise<void> {
    await tx.execute(
      `INSERT INTO submissions.reconciled_accounts AS r (account, ledger)
       SELECT $1, $2 WHERE submissions.is_agreed_history()
       ON CONFLICT (account) DO UPDATE SET ledger = greatest(r.ledger, excluded.ledger), updated_at = now()`,
      [account, ledger],
    );
  }

  /** The attempts with these inner hashes, of whichever tenant. */
  async attemptsOf(tx: SystemTx, references: readonly string[]): Promise<ReadonlyMap<string, KnownAttempt>> {
    if (references.length === 0) return new Map();
    return await this.attemptsWhere(tx, 'a.reference = ANY($1)', [references]);
  }

  /** What our books show as applied in the ledgers after `from` and up to `to`. */
  async appliedIn(
    tx: SystemTx,
    range: { readonly account: string; readonly from: number; readonly to: number },
  ): Promise<ReadonlyMap<string, KnownAttempt>> {
    return await this.attemptsWhere(
      tx,
      `a.status = 'APPLIED' AND a.distribution_account = $1
         AND (a.proof ->> 'ledger')::bigint > $2 AND (a.proof ->> 'ledger')::bigint <= $3`,
      [range.account, range.from, range.to],
    );
  }

  /** Those of these addresses that are ledger accounts of our own: what goes there has not left us. */
  async ownAccounts(tx: SystemTx, addresses: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ address: string }>(
      `SELECT account AS address FROM submissions.vault WHERE account = ANY($1)
       UNION SELECT address FROM submissions.channel_accounts WHERE address = ANY($1)
       UNION SELECT distribution_account_address FROM tenants.tenants WHERE distribution_account_address = ANY($1)`,
      [addresses],
    );
    return new Set(rows.map(({ address }) => address));
  }

  /** Open attempts that no ledger closed after `before` can apply. The oldest first, at most a thousand. */
  async overdue(tx: SystemTx, before: Date): Promise<readonly OverdueAttempt[]> {
    return await tx.query<OverdueAttempt & Record<string, unknown>>(
      `SELECT a.tenant_id AS "tenantId", a.id, a.reference, a.max_time AS "maxTime", a.contradicted_at AS "contradictedAt"
         FROM submissions.channel_accounts c
         JOIN submissions.attempts a ON a.tenant_id = c.live_tenant AND a.id = c.live_attempt
        WHERE a.ended_at IS NULL AND a.max_time < $1 ORDER BY a.max_time LIMIT ${String(OVERDUE_MAX)}`,
      [before],
    );
  }

  /** What has become of the attempts with these inner hashes by now. */
  async statusesOf(tx: SystemTx, references: readonly string[]): Promise<ReadonlyMap<string, AttemptStatus>> {
    const rows = await tx.query<{ reference: string; status: AttemptStatus }>(
      'SELECT reference, status FROM submissions.attempts WHERE reference = ANY($1)',
      [references],
    );
    return new Map(rows.map(({ reference, status }) => [reference, status]));
  }

  /** Compares the next payments that became SUCCESS with the attempts that should prove them, and moves on. */
  async comparePaid(tx: SystemTx, limit: number): Promise<PaidPage> {
    await tx.execute(
      `INSERT INTO submissions.reconciled_accounts (account) VALUES ('${BOOKS}') ON CONFLICT DO NOTHING`,
    );
    const rows = await tx.query<{
      tenantId: string;
      id: string;
      paymentId: string;
      proven: boolean;
    }>(
      `SELECT s.tenant_id AS "tenantId", s.id, s.payment_id AS "paymentId",
              EXISTS (SELECT FROM submissions.attempt_submissions l
                        JOIN submissions.attempts a ON a.tenant_id = l.tenant_id AND a.id = l.attempt_id
                       WHERE l.tenant_id = s.tenant_id AND l.attempt_id = s.attempt_id AND l.submission_id = s.id
                         AND a.status = 'APPLIED') AS proven
         FROM submissions.submissions s, submissions.reconciled_accounts r
        WHERE r.account = '${BOOKS}' AND s.status = 'SUCCESS'
          AND (s.updated_at, s.id) > (r.paid_until, r.paid_id) AND s.updated_at < now() - $2::interval
        ORDER BY s.updated_at, s.id LIMIT $1`,
      [limit, SETTLED_AFTER],
    );
    const last = rows.at(-1);
    if (last !== undefined) {
      await tx.execute(
        `UPDATE submissions.reconciled_accounts r SET paid_until = s.updated_at, paid_id = s.id, updated_at = now()
           FROM submissions.submissions s
          WHERE r.account = '${BOOKS}' AND s.tenant_id = $1 AND s.id = $2`,
        [last.tenantId, last.id],
      );
    }
    return { unproven: rows.filter((row) => !row.proven), count: rows.length };
  }

  private async attemptsWhere(
    tx: SystemTx,
    condition: string,
    values: readonly (string | number | readonly string[])[],
  ): Promise<ReadonlyMap<string, KnownAttempt>> {
    const rows = await tx.query<AttemptRow & Record<string, unknown>>(
      `SELECT a.tenant_id AS "tenantId", a.id, a.reference, a.status, l.position, s.payment_id AS "paymentId",
              s.destination, s.asset_code AS "assetCode", s.asset_issuer AS "assetIssuer", s.amount,
              s.memo_type AS "memoType", s.memo_value AS "memoValue"
         FROM submissions.attempts a
         JOIN submissions.attempt_submissions l ON l.tenant_id = a.tenant_id AND l.attempt_id = a.id
         JOIN submissions.submissions s ON s.tenant_id = a.tenant_id AND s.id = l.submission_id
        WHERE ${condition} ORDER BY a.reference, l.position`,
      values,
    );
    const attempts = new Map<string, KnownAttempt & { payments: CarriedPayment[] }>();
    for (const row of rows) {
      const { tenantId, id, reference, status } = row;
      const known = attempts.get(reference);
      if (known === undefined) attempts.set(reference, { tenantId, id, reference, status, payments: [row] });
      else known.payments.push(row);
    }
    return attempts;
  }
}
