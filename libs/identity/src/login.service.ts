import { createHash } from 'node:crypto';

import type { TenantContext, TenantTx, UnitOfWork } from '@libs/persistence';

import type { PasswordHasher } from './password-hasher';
import type { SessionsRepository } from './sessions.repository';
import { STAFF_TOKEN_SECONDS, type StaffTokens } from './staff-tokens';
import { normalisedEmail, type StaffUser } from './staff-user';
import type { LoginFailuresRepository, LoginSubject } from './login-failures.repository';
import type { UsersRepository } from './users.repository';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Where the request came from: failures are counted per account and per address. */
  readonly clientAddress: string;
}

export type CredentialsCheck =
  | { readonly outcome: 'known'; readonly user: StaffUser }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'wait'; readonly seconds: number };

export interface LoginParts {
  readonly unitOfWork: UnitOfWork;
  readonly users: UsersRepository;
  readonly sessions: SessionsRepository;
  readonly failures: LoginFailuresRepository;
  readonly hasher: PasswordHasher;
  readonly tokens: StaffTokens;
}

const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();

const accountOf = (email: string): LoginSubject => ({
  kind: 'account',
  hash: digestOf(`account ${normalisedEmail(email)}`),
});

/** Checks credentials and opens sessions. */
export class LoginService {
  constructor(private readonly parts: LoginParts) {}

  /**
   * Whether e-mail and password belong to an active person. The answer takes the same time for a wrong password and
   * for an unknown address, and each failure makes the next try of that account and of that address wait longer.
   */
  async check(context: TenantContext, credentials: Credentials): Promise<CredentialsCheck> {
    const { unitOfWork, users, failures, hasher } = this.parts;
    const subjects: LoginSubject[] = [
      accountOf(credentials.email),
      { kind: 'address', hash: digestOf(`address ${credentials.clientAddress}`) },
    ];
    const { found, waitSeconds } = await unitOfWork.run(context, async (tx) => ({
      waitSeconds: await failures.waitSeconds(tx, subjects),
      found: await users.findForLogin(tx, credentials.email),
    }));
    if (waitSeconds > 0) return { outcome: 'wait', seconds: waitSeconds };
    // Between two database transactions, because it takes 25 ms and would hold a connection that long.
    const matches = await hasher.matches(found?.passwordHash ?? null, credentials.password);
    if (!matches || found === null || !found.user.isActive) {
      await unitOfWork.run(context, (tx) => failures.record(tx, subjects));
      return { outcome: 'unknown' };
    }
    return { outcome: 'known', user: found.user };
  }

  /** A wrong code of the second factor counts like a wrong password. */
  async recordFailure(tx: TenantTx, user: StaffUser): Promise<void> {
    await this.parts.failures.record(tx, [accountOf(user.email)]);
  }

  /** Opens a session for a person who proved who they are, and returns its first token. */
  async openSession(tx: TenantTx, user: StaffUser): Promise<string> {
    await this.parts.failures.forget(tx, accountOf(user.email));
    const sessionId = await this.parts.sessions.start(tx, user.id, STAFF_TOKEN_SECONDS);
    return await this.parts.tokens.sign(tx.tenantId, user, sessionId);
  }
}
