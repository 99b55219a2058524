import { timingSafeEqual } from 'node:crypto';

import type { Database } from '@libs/persistence';
import { type Tenant, tenantFromJson, type TenantJson } from '@libs/tenants';

import { apiKeySecretHash, type ApiKeyText } from '../api-keys/api-key-text';
import { isPermission, type Permission } from '../api-keys/permissions';
import type { StaffUser } from '../staff-user';
import type { StaffTokenSubject } from '../staff-tokens';
import { staffUserOf, type UserRow } from '../users.repository';

/** The person behind a token, as they are at this moment. */
export interface SessionCaller {
  readonly user: StaffUser;
  readonly tenant: Tenant;
  /** When the second factor was last shown in the session; null for never. */
  readonly provenAt: Date | null;
  readonly mustEnrol: boolean;
  /** Those of the asked names that are names of tenants. */
  readonly knownNames: readonly string[];
}

/** What a key may do, and whose it is. */
export interface KeyCaller {
  /** Who made it: it acts for them, and never more than they may. */
  readonly user: StaffUser;
  readonly permissions: readonly Permission[];
  readonly allowedIps: readonly string[];
}

interface SessionCallerRow extends UserRow {
  readonly proven_at: Date | null;
  readonly must_enrol: boolean;
  readonly tenant: TenantJson;
  readonly known_names: readonly string[];
}

interface KeyCallerRow extends UserRow {
  readonly secret_hash: Uint8Array;
  readonly permissions: readonly string[];
  readonly allowed_ips: readonly string[];
}

/** Finds out who calls: one statement of its own, because it runs on every request. */
export class CallersRepository {
  constructor(private readonly database: Database) {}

  /**
   * Who a token speaks for, as of now: null when the session ended, or the person is switched off or gone. It is read
   * anew on every request, so that no right outlives its removal. `names` are what the request calls its tenant.
   */
  async ofSession(subject: StaffTokenSubject, names: readonly string[]): Promise<SessionCaller | null> {
    const { rows } = await this.database.pool.query<SessionCallerRow>({
      name: 'session-caller',
      text: 'SELECT * FROM identity.session_caller($1, $2, $3, $4)',
      values: [subject.tenantId, subject.sessionId, subject.userId, names],
    });
    const [row] = rows;
    if (row === undefined) return null;
    return {
      user: staffUserOf(row),
      tenant: tenantFromJson(row.tenant),
      provenAt: row.proven_at,
      mustEnrol: row.must_enrol,
      knownNames: row.known_names,
    };
  }

  /** Null for a key that this tenant does not have, that was revoked or has expired, and for a wrong secret. */
  async ofApiKey(tenantId: string, key: ApiKeyText): Promise<KeyCaller | null> {
    const { rows } = await this.database.pool.query<KeyCallerRow>({
      name: 'key-caller',
      text: 'SELECT * FROM identity.key_caller($1, $2)',
      values: [tenantId, key.id],
    });
    const [row] = rows;
    if (row === undefined || !timingSafeEqual(row.secret_hash, apiKeySecretHash(key.secret))) return null;
    return {
      user: staffUserOf(row),
      permissions: row.permissions.filter(isPermission),
      allowedIps: row.allowed_ips,
    };
  }

  /** The key was let in just now; written at most once a minute. */
  async noteUse(tenantId: string, keyId: string): Promise<void> {
    await this.database.pool.query({
      name: 'key-used',
      text: 'SELECT identity.key_used($1, $2)',
      values: [tenantId, keyId],
    });
  }
}
