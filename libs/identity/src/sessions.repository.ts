import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

/** A session that nobody renews ends by itself after this time, and after `limit_at` in any case. */
export const SESSION_IDLE_SECONDS = 24 * 3600;
export const SESSION_MAX_SECONDS = 7 * 24 * 3600;
/** What ended is kept this long, so that a stolen token of it is still recognised. */
const KEEP_ENDED_FOR = '1 day';
const LIST_MAX = 200;
const USER_AGENT_LENGTH_MAX = 255;

/** From where and how somebody signed in. */
export interface SessionOrigin {
  readonly address: string;
  readonly userAgent: string;
  /** Whether a second factor was shown just now. */
  readonly isProven: boolean;
  /** Whether the session is only good for setting up a second factor. */
  readonly mustEnrol: boolean;
}

export interface SessionSummary {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly address: string;
  readonly userAgent: string;
}

interface SessionRow {
  readonly id: string;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly expires_at: Date;
  readonly address: string;
  readonly user_agent: string;
}

const ALIVE = 'ended_at IS NULL AND expires_at > now()';

/** Signed-in devices. A token names its session, so that ending the session ends the token at once. */
export class SessionsRepository {
  async start(tx: TenantTx, userId: string, origin: SessionOrigin): Promise<string> {
    await tx.execute(
      `DELETE FROM identity.sessions
        WHERE tenant_id = $1 AND user_id = $2 AND expires_at < now() - interval '${KEEP_ENDED_FOR}'`,
      [tx.tenantId, userId],
    );
    const id = newId();
    await tx.execute(
      `INSERT INTO identity.sessions
         (tenant_id, id, user_id, address, user_agent, proven_at, must_enrol, expires_at, limit_at)
       VALUES ($1, $2, $3, $4, $5, CASE WHEN $6 THEN now() END, $7,
               now() + make_interval(secs => $8::int), now() + make_interval(secs => $9::int))`,
      [
        tx.tenantId,
        id,
        userId,
        origin.address,
        origin.userAgent.replaceAll('\0', '').slice(0, USER_AGENT_LENGTH_MAX),
        origin.isProven,
        origin.mustEnrol,
        SESSION_IDLE_SECONDS,
        SESSION_MAX_SECONDS,
      ],
    );
    return id;
  }

  /** Somebody still uses the session: it lives on, up to its limit. */
  async renew(tx: TenantTx, sessionId: string): Promise<void> {
    await tx.execute(
      `UPDATE identity.sessions
          SET expires_at = least(limit_at, now() + make_interval(secs => $3::int)), last_seen_at = now()
        WHERE tenant_id = $1 AND id = $2 AND ${ALIVE}`,
      [tx.tenantId, sessionId, SESSION_IDLE_SECONDS],
    );
  }

  /** A second factor was shown in the session just now. `mustEnrol`: one that is only good for setting up a better one. */
  async prove(
    tx: TenantTx,
    sessionId: string,
    { mustEnrol }: { readonly mustEnrol: boolean },
  ): Promise<void> {
    await tx.execute(
      `UPDATE identity.sessions SET proven_at = now(), must_enrol = $3
        WHERE tenant_id = $1 AND id = $2 AND ${ALIVE}`,
      [tx.tenantId, sessionId, mustEnrol],
    );
  }

  /**
   * The person has set up a second factor in this session, which is a whole one now. Others that waited for it end: nobody has
   * shown it in them.
   */
  async endEnrolment(tx: TenantTx, userId: string, sessionId: string): Promise<void> {
    await tx.execute(
      `UPDATE identity.sessions SET must_enrol = (id <> $3), ended_at = CASE WHEN id <> $3 THEN now() END
        WHERE tenant_id = $1 AND user_id = $2 AND must_enrol AND ended_at IS NULL`,
      [tx.tenantId, userId, sessionId],
    );
  }

  /** The living sessions of a person, the newest first. */
  async list(tx: TenantTx, userId: string): Promise<SessionSummary[]> {
    const rows = await tx.query<SessionRow>(
      `SELECT id, created_at, last_seen_at, expires_at, address, user_agent FROM identity.sessions
        WHERE tenant_id = $1 AND user_id = $2 AND ${ALIVE} ORDER BY id DESC LIMIT ${String(LIST_MAX)}`,
      [tx.tenantId, userId],
    );
    return rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
      address: row.address,
      userAgent: row.user_agent,
    }));
  }

  /** False when the person has no such living session. */
  async end(tx: TenantTx, userId: string, sessionId: string): Promise<boolean> {
    const ended = await tx.execute(
      `UPDATE identity.sessions SET ended_at = now() WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND ${ALIVE}`,
      [tx.tenantId, userId, sessionId],
    );
    return ended === 1;
  }

  /** Signs the person out everywhere, or everywhere but in one session. Returns how many sessions ended. */
  async endAllOf(tx: TenantTx, userId: string, exceptSessionId: string | null = null): Promise<number> {
    return await tx.execute(
      `UPDATE identity.sessions SET ended_at = now()
        WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND ($3::uuid IS NULL OR id <> $3)`,
      [tx.tenantId, userId, exceptSessionId],
    );
  }
}
