import { timingSafeEqual } from 'node:crypto';

import type { RateLimitOrder, RateLimitTake } from '@libs/http';
import type { Database } from '@libs/persistence';
import { type Tenant, tenantFromJson, type TenantJson } from '@libs/tenants';

import { apiKeySecretHash, type ApiKeyText } from '../api-keys/api-key-text';
import { isPermission, type Permission } from '../api-keys/permissions';
import type { StaffUser } from '../staff-user';
import type { StaffTokenSubject } from '../staff-tokens';
import { staffUserOf, type UserRow } from '../users.repository';
import { GatheredCalls } from './gathered-calls';

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
  /** Whether its last use was noted within a minute. */
  readonly wasNoted: boolean;
}

/** How a request names its tenant. */
export interface NamedTenants {
  readonly names: readonly string[];
  /** Whether the only tenant (or the default one) comes into question too. */
  readonly withOnly: boolean;
}

/** A tenant that the request of a key may be for, and the key, where it is one of that tenant. */
export interface KeyCandidate {
  readonly tenant: Tenant;
  readonly isOnly: boolean;
  readonly caller: KeyCaller | null;
}

/** An answer together with what the request used up of its rate; found is empty where it was one too many. */
export interface Counted<T> {
  readonly taken: RateLimitTake;
  readonly found: T;
}

/** As the database writes it: times are texts. */
interface SessionCallerJson extends UserRow {
  readonly proven_at: string | null;
  readonly must_enrol: boolean;
  readonly tenant: TenantJson;
  readonly known_names: readonly string[];
}

interface KeyCallerRow extends UserRow {
  readonly tenant: TenantJson;
  readonly is_only: boolean;
  readonly secret_hash: Uint8Array | null;
  readonly permissions: readonly string[];
  readonly allowed_ips: readonly string[];
  readonly was_noted: boolean;
}

interface SessionOrder {
  readonly subject: StaffTokenSubject;
  readonly names: readonly string[];
  readonly order: RateLimitOrder;
}

interface CountedRow {
  readonly remaining: number;
  readonly resets_at: bigint;
}

interface CountedSessionRow extends CountedRow {
  /** Counted from 1. */
  readonly place: number;
  readonly caller: SessionCallerJson | null;
}

/** The columns of the look-up are null where it found nobody. */
type CountedKeyRow = CountedRow & (KeyCallerRow | { readonly tenant: null });

const KEY = 'identity.key_caller_among($1, $2, $3)';
const COUNTED_KEY = `SELECT counted.remaining, counted.resets_at, look.*
     FROM http.take_rate_limit($4, $5, $6) counted
     LEFT JOIN ${KEY} look ON counted.remaining >= 0`;

/** Finds out who calls: one statement of its own, because it runs on every request. */
export class CallersRepository {
  private readonly sessions = new GatheredCalls<SessionOrder, Counted<SessionCaller | null>>((orders) =>
    this.countedOfSessions(orders),
  );

  constructor(private readonly database: Database) {}

  /**
   * Who a token speaks for, as of now: null when the session ended, or the person is switched off or gone. It is read
   * anew on every request, so that no right outlives its removal. `names` are what the request calls its tenant.
   */
  async ofSession(subject: StaffTokenSubject, names: readonly string[]): Promise<SessionCaller | null> {
    const { rows } = await this.database.query<{ readonly caller: SessionCallerJson | null }>({
      name: 'session-caller',
      text: 'SELECT identity.session_caller($1, $2, $3, $4) AS caller',
      values: [subject.tenantId, subject.sessionId, subject.userId, names],
    });
    return sessionCallerOf(rows[0]?.caller ?? null);
  }

  /** The same in one statement with the count of the request, and with the requests that come at the same time. */
  async countedOfSession(
    subject: StaffTokenSubject,
    names: readonly string[],
    order: RateLimitOrder,
  ): Promise<Counted<SessionCaller | null>> {
    return await this.sessions.ask({ subject, names, order });
  }

  private async countedOfSessions(
    orders: readonly SessionOrder[],
  ): Promise<readonly Counted<SessionCaller | null>[]> {
    const { rows } = await this.database.query<CountedSessionRow>({
      name: 'session-callers-counted',
      text: 'SELECT * FROM identity.counted_session_callers($1, $2, $3, $4, $5, $6, $7)',
      values: [
        orders.map(({ order }) => order.key),
        orders.map(({ order }) => order.rule.windowSeconds),
        orders.map(({ order }) => order.rule.requestsMax),
        orders.map(({ subject }) => subject.tenantId),
        orders.map(({ subject }) => subject.sessionId),
        orders.map(({ subject }) => subject.userId),
        // No name of a tenant has a space in it.
        orders.map(({ names }) => names.filter((name) => !name.includes(' ')).join(' ')),
      ],
    });
    return rows
      .toSorted((one, other) => one.place - other.place)
      .map((row) => ({ taken: takenOf(row), found: sessionCallerOf(row.caller) }));
  }

  /**
   * The tenants that a key's request may be for, each with the key where that tenant has it, it was not revoked, has
   * not expired, and the secret is right.
   */
  async ofApiKey(key: ApiKeyText, { names, withOnly }: NamedTenants): Promise<KeyCandidate[]> {
    const { rows } = await this.database.query<KeyCallerRow>({
      name: 'key-caller',
      text: `SELECT * FROM ${KEY}`,
      values: [names, withOnly, key.id],
    });
    return rows.map((row) => keyCandidateOf(row, key));
  }

  /** The same in one statement with the count of the request. */
  async countedOfApiKey(
    key: ApiKeyText,
    { names, withOnly }: NamedTenants,
    order: RateLimitOrder,
  ): Promise<Counted<KeyCandidate[]>> {
    const { rows } = await this.database.query<CountedKeyRow>({
      name: 'key-caller-counted',
      text: COUNTED_KEY,
      values: [names, withOnly, key.id, order.key, order.rule.windowSeconds, order.rule.requestsMax],
    });
    const found = rows.flatMap((row) => (row.tenant === null ? [] : [keyCandidateOf(row, key)]));
    return { taken: takenOf(rows[0]), found };
  }

  /** The key was let in just now. */
  async noteUse(tenantId: string, keyId: string): Promise<void> {
    await this.database.query({
      name: 'key-used',
      text: 'SELECT identity.key_used($1, $2)',
      values: [tenantId, keyId],
    });
  }
}

const takenOf = (row: CountedRow | undefined): RateLimitTake => ({
  remaining: row?.remaining ?? -1,
  resetsAtSeconds: Number(row?.resets_at ?? 0),
});

function sessionCallerOf(caller: SessionCallerJson | null): SessionCaller | null {
  if (caller === null) return null;
  return {
    user: staffUserOf(caller),
    tenant: tenantFromJson(caller.tenant),
    provenAt: caller.proven_at === null ? null : new Date(caller.proven_at),
    mustEnrol: caller.must_enrol,
    knownNames: caller.known_names,
  };
}

function keyCandidateOf(row: KeyCallerRow, key: ApiKeyText): KeyCandidate {
  const isRight = row.secret_hash !== null && timingSafeEqual(row.secret_hash, apiKeySecretHash(key.secret));
  const callerOf = (): KeyCaller => ({
    user: staffUserOf(row),
    permissions: row.permissions.filter(isPermission),
    allowedIps: row.allowed_ips,
    wasNoted: row.was_noted,
  });
  return { tenant: tenantFromJson(row.tenant), isOnly: row.is_only, caller: isRight ? callerOf() : null };
}
