import type { TenantTx } from '@libs/persistence';

/**
 * The first failures cost nothing: people mistype, and a whole office may sit behind one address. What waits for a second
 * factor has failed so far.
 */
const FREE_FAILURES = { account: 4, address: 50, place: 4, waiting: 9 } as const;
const WAIT_SECONDS_MAX = 900;
const FORGET_AFTER = '1 hour';

export interface LoginSubject {
  readonly kind: keyof typeof FREE_FAILURES;
  /** SHA-256 of the account, of the address, of the account at one of its known places, or of what waits for one of the two. */
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

  /**
   * Counts a try as failed before it is judged, so that guesses at the same time cannot all slip past the wait; who was
   * right gives it back. Returns how many seconds the try has to wait instead, and then counts nothing; 0 for go on.
   */
  async begin(tx: TenantTx, subjects: readonly LoginSubject[]): Promise<number> {
    await tx.execute('SAVEPOINT login_try');
    for (const subject of ordered(subjects)) {
      if (await this.count(tx, subject)) continue;
      await tx.execute('ROLLBACK TO SAVEPOINT login_try');
      return Math.max(1, await this.waitSeconds(tx, subjects));
    }
    await this.forgetOld(tx);
    return 0;
  }

  /** Takes back what `begin` counted: the try was right. */
  async giveBack(tx: TenantTx, subjects: readonly LoginSubject[]): Promise<void> {
    for (const subject of ordered(subjects)) {
      const values = [tx.tenantId, subject.hash];
      // Locked first: the statement after it then sees what others counted in between.
      await tx.execute(
        `SELECT 1 FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash = $2 FOR UPDATE`,
        values,
      );
      await tx.execute(
        `WITH gone AS (DELETE FROM identity.login_failures
                        WHERE tenant_id = $1 AND subject_hash = $2 AND failures = 1)
         UPDATE identity.login_failures SET failures = failures - 1, blocked_until = least(blocked_until, now())
          WHERE tenant_id = $1 AND subject_hash = $2 AND failures > 1`,
        values,
      );
    }
  }

  /** False when the subject is blocked, and then nothing is counted. */
  private async count(tx: TenantTx, subject: LoginSubject): Promise<boolean> {
    const counted = await tx.execute(
      `INSERT INTO identity.login_failures AS kept (tenant_id, subject_hash, failures, last_failure_at, blocked_until)
       SELECT $1, $2, 1, clock_timestamp(), clock_timestamp()
       ON CONFLICT (tenant_id, subject_hash) DO UPDATE SET
         failures = CASE WHEN kept.last_failure_at < now() - interval '${FORGET_AFTER}' THEN 1 ELSE kept.failures + 1 END,
         last_failure_at = clock_timestamp(),
         blocked_until = clock_timestamp() + CASE
           WHEN kept.last_failure_at < now() - interval '${FORGET_AFTER}' OR kept.failures < $3::int THEN interval '0'
           ELSE make_interval(secs => least($4::int, 2 ^ least(kept.failures - $3::int, 20))) END
       WHERE kept.blocked_until <= clock_timestamp()`,
      [tx.tenantId, subject.hash, FREE_FAILURES[subject.kind], WAIT_SECONDS_MAX],
    );
    return counted === 1;
  }

  private async forgetOld(tx: TenantTx): Promise<void> {
    await tx.execute(
      `DELETE FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash IN (
         SELECT subject_hash FROM identity.login_failures
          WHERE tenant_id = $1 AND last_failure_at < now() - interval '${FORGET_AFTER}' LIMIT 100 FOR UPDATE SKIP LOCKED)`,
      [tx.tenantId],
    );
  }

  async forget(tx: TenantTx, subject: LoginSubject): Promise<void> {
    await tx.execute(`DELETE FROM identity.login_failures WHERE tenant_id = $1 AND subject_hash = $2`, [
      tx.tenantId,
      subject.hash,
    ]);
  }
}

/** Always in the same order: two tries at once then never wait for each other in a circle. */
const ordered = (subjects: readonly LoginSubject[]): LoginSubject[] =>
  subjects.toSorted((one, other) => Buffer.compare(one.hash, other.hash));
