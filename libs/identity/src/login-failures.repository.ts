import type { TenantTx } from '@libs/persistence';

/** The first failures cost nothing: people mistype, and a whole office may sit behind one address. */
const FREE_FAILURES = { account: 4, address: 50, place: 4 } as const;
const WAIT_SECONDS_MAX = 900;
const FORGET_AFTER = '1 hour';

export interface LoginSubject {
  readonly kind: keyof typeof FREE_FAILURES;
  /** SHA-256 of the account, of the address, or of the account at one of its known places. */
  readonly hash: Uint8Array;
}

/** Failed sign-ins, each making the next try wait twice as long: 1 s after the fifth, 15 minutes at most. */
export class LoginFailuresRepository {
  async waitSeconds(tx: TenantTx, subjects: readonly LoginSubject[]): Promise<number> {
    const row = await tx.queryOne<{ readonly seconds: number | null }>(
      `SELECT ceil(extract(epoch FROM max(blocked_until) - clock_timestamp()))::int AS seconds
         FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash = ANY($2::bytea[])`,
      [tx.tenantId, subjects.map((subject) => subject.hash)],
    );
    return Math.max(0, row?.seconds ?? 0);
  }

  async record(tx: TenantTx, subjects: readonly LoginSubject[]): Promise<void> {
    // Always in the same order: two failures at once then never wait for each other in a circle.
    const ordered = subjects.toSorted((one, other) => Buffer.compare(one.hash, other.hash));
    for (const subject of ordered) await this.recordOne(tx, subject);
    await tx.execute(
      `DELETE FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash IN (
         SELECT subject_hash FROM identity.login_failures
          WHERE tenant_id = $1 AND last_failure_at < now() - interval '${FORGET_AFTER}' LIMIT 100 FOR UPDATE SKIP LOCKED)`,
      [tx.tenantId],
    );
  }

  private async recordOne(tx: TenantTx, subject: LoginSubject): Promise<void> {
    await tx.execute(
      `INSERT INTO identity.login_failures AS kept (tenant_id, subject_hash, failures, last_failure_at, blocked_until)
       SELECT $1, $2, 1, now(), now()
       ON CONFLICT (tenant_id, subject_hash) DO UPDATE SET
         failures = CASE WHEN kept.last_failure_at < now() - interval '${FORGET_AFTER}' THEN 1 ELSE kept.failures + 1 END,
         last_failure_at = now(),
         blocked_until = now() + CASE
           WHEN kept.last_failure_at < now() - interval '${FORGET_AFTER}' OR kept.failures < $3::int THEN interval '0'
           ELSE make_interval(secs => least($4::int, 2 ^ least(kept.failures - $3::int, 20))) END`,
      [tx.tenantId, subject.hash, FREE_FAILURES[subject.kind], WAIT_SECONDS_MAX],
    );
  }

  async forget(tx: TenantTx, subject: LoginSubject): Promise<void> {
    await tx.execute(`DELETE FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash = $2`, [
      tx.tenantId,
      subject.hash,
    ]);
  }
}
