import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import type { StaffUser } from './staff-user';
import { staffUserOf, USER_COLUMNS, type UserRow } from './users.repository';

/** A session that nobody renewed is removed this long after its last token ended. */
const KEEP_ENDED_FOR = '1 day';

/** Signed-in devices. A token names its session, so that ending the session ends the token at once. */
export class SessionsRepository {
  async start(tx: TenantTx, userId: string, tokenSeconds: number): Promise<string> {
    await tx.execute(
      `DELETE FROM identity.sessions
        WHERE tenant_id = $1 AND user_id = $2 AND expires_at < now() - interval '${KEEP_ENDED_FOR}'`,
      [tx.tenantId, userId],
    );
    const id = newId();
    await tx.execute(
      `INSERT INTO identity.sessions (tenant_id, id, user_id, expires_at)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4::int))`,
      [tx.tenantId, id, userId, tokenSeconds],
    );
    return id;
  }

  /** A new token of the session was given out: it lives as long as that one. */
  async renew(tx: TenantTx, sessionId: string, tokenSeconds: number): Promise<void> {
    await tx.execute(
      `UPDATE identity.sessions SET expires_at = now() + make_interval(secs => $3::int) WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, sessionId, tokenSeconds],
    );
  }

  /**
   * Who a token speaks for, as of now: null when the session ended, or the person is switched off or gone. One
   * look-up by primary keys, made on every request, so that no right outlives its removal.
   */
  async userOf(tx: TenantTx, sessionId: string, userId: string): Promise<StaffUser | null> {
    const row = await tx.queryOne<UserRow>(
      `SELECT ${USER_COLUMNS} FROM identity.sessions s
         JOIN identity.users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
        WHERE s.tenant_id = $1 AND s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND u.is_active`,
      [tx.tenantId, sessionId, userId],
    );
    return row === null ? null : staffUserOf(row);
  }

  /** Signs the person out everywhere. */
  async endAllOf(tx: TenantTx, userId: string): Promise<void> {
    await tx.execute(
      `UPDATE identity.sessions SET ended_at = now() WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL`,
      [tx.tenantId, userId],
    );
  }
}
