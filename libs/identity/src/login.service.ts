import type { TenantContext, TenantTx, UnitOfWork } from '@libs/persistence';

import type { LoginFailuresRepository, LoginSubject } from './login-failures.repository';
import { accountOf, addressOf, placeOf, placesOf, type RequestOrigin, waitingFor } from './login-subjects';
import type { PasswordHasher } from './password-hasher';
import type { MfaCodesRepository } from './second-factor/mfa-codes.repository';
import type { SessionsRepository } from './sessions.repository';
import type { KnownPlacesRepository } from './sessions/known-places.repository';
import type { RefreshTokensRepository } from './sessions/refresh-tokens.repository';
import type { StaffTokens } from './staff-tokens';
import type { StaffUser } from './staff-user';
import type { UsersRepository } from './users.repository';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The right password of an active person, as it was when it was looked at. */
export interface KnownCredentials {
  readonly outcome: 'known';
  readonly user: StaffUser;
  readonly passwordHash: string;
}

export type CredentialsCheck =
  KnownCredentials | { readonly outcome: 'unknown' } | { readonly outcome: 'wait'; readonly seconds: number };

/** What a person gets who has signed in. */
export interface OpenedSession {
  readonly sessionId: string;
  /** For 15 minutes. */
  readonly token: string;
  /** For the next token, once. */
  readonly refreshToken: string;
}

export interface LoginParts {
  readonly unitOfWork: UnitOfWork;
  readonly users: UsersRepository;
  readonly sessions: SessionsRepository;
  readonly refreshTokens: RefreshTokensRepository;
  readonly failures: LoginFailuresRepository;
  readonly places: KnownPlacesRepository;
  readonly devices: MfaCodesRepository;
  readonly hasher: PasswordHasher;
  readonly tokens: StaffTokens;
}

/** Checks credentials and opens sessions. */
export class LoginService {
  constructor(private readonly parts: LoginParts) {}

  /**
   * Whether e-mail and password belong to an active person. The answer takes the same time for a wrong password and
   * for an unknown address, and each failure makes the next try of that account and of that address wait longer, also when
   * many come at the same time.
   *
   * A place that the person has signed in from before (a device, or else an address) has a count of its own: whoever
   * guesses elsewhere makes every strange place wait, but never locks out the person themselves.
   */
  async check(
    context: TenantContext,
    credentials: Credentials,
    origin: RequestOrigin,
  ): Promise<CredentialsCheck> {
    const { unitOfWork, users, failures, hasher } = this.parts;
    const { found, waitSeconds, subjects } = await unitOfWork.run(context, async (tx) => {
      const known = await users.findForLogin(tx, credentials.email);
      const counted = await this.subjectsOf(tx, known?.user ?? null, credentials.email, origin);
      return { found: known, subjects: counted, waitSeconds: await failures.begin(tx, counted) };
    });
    if (waitSeconds > 0) return { outcome: 'wait', seconds: waitSeconds };
    // Between two database transactions, because it takes 25 ms and would hold a connection that long.
    const passwordHash = found?.passwordHash ?? null;
    let matches: boolean;
    try {
      matches = await hasher.matches(passwordHash, credentials.password);
    } catch (error) {
      // Nobody has looked at it, so it was no wrong one.
      await unitOfWork.run(context, (tx) => failures.giveBack(tx, subjects));
      throw error;
    }
    if (!matches || found === null || passwordHash === null || !found.user.isActive) {
      return { outcome: 'unknown' };
    }
    await unitOfWork.run(context, (tx) => failures.giveBack(tx, subjects));
    return { outcome: 'known', user: found.user, passwordHash };
  }

  /**
   * Whether that is still so, and stays so until the end of the database transaction: the password may be another one since,
   * and who changes it then ends what is begun with it here.
   */
  async stillKnown(tx: TenantTx, { user, passwordHash }: KnownCredentials): Promise<boolean> {
    return await this.parts.users.keepPassword(tx, user.id, passwordHash);
  }

  /** How long a person has to wait after failures, before they may try from there; 0 for not at all. */
  async waitSeconds(tx: TenantTx, user: StaffUser, origin: RequestOrigin): Promise<number> {
    return await this.parts.failures.waitSeconds(tx, await this.subjectsOf(tx, user, user.email, origin));
  }

  /**
   * Counts a try at the second factor as failed before it is judged, like one at the password: who has the password may let
   * any number of devices wait for a code. Returns how many seconds it has to wait instead; 0 for go on.
   */
  async beginTry(tx: TenantTx, user: StaffUser, origin: RequestOrigin): Promise<number> {
    return await this.parts.failures.begin(tx, await this.subjectsOf(tx, user, user.email, origin));
  }

  /** The try was right, or another person's. */
  async giveTryBack(tx: TenantTx, user: StaffUser, origin: RequestOrigin): Promise<void> {
    await this.parts.failures.giveBack(tx, await this.subjectsOf(tx, user, user.email, origin));
  }

  /**
   * Counts a sign-in that waits for its second factor, until one is shown from there: who has only the password begins few
   * of them, and has few letters sent. Returns how many seconds it has to wait instead; 0 for go on.
   */
  async beginWaiting(tx: TenantTx, user: StaffUser, origin: RequestOrigin): Promise<number> {
    const from = await this.accountOrPlaceOf(tx, user, user.email, origin);
    return await this.parts.failures.begin(tx, [waitingFor(from)]);
  }

  /** Opens a session for a person who proved who they are, and returns its first tokens. */
  async openSession(
    tx: TenantTx,
    user: StaffUser,
    origin: RequestOrigin & { readonly isProven: boolean; readonly mustEnrol: boolean },
  ): Promise<OpenedSession> {
    const { failures, sessions, refreshTokens, tokens } = this.parts;
    const from = await this.accountOrPlaceOf(tx, user, user.email, origin);
    for (const subject of [from, waitingFor(from)]) await failures.forget(tx, subject);
    await this.parts.places.remember(tx, user.id, placesOf(origin));
    const sessionId = await sessions.start(tx, user.id, origin);
    return {
      sessionId,
      token: await tokens.sign(tx.tenantId, user, sessionId),
      refreshToken: await refreshTokens.issue(tx, sessionId),
    };
  }

  /**
   * A person who proved their mailbox has a new password: they are signed out everywhere, no device is
   * remembered, and they may sign in from where they chose it, whatever strangers have tried.
   */
  async passwordWasReset(tx: TenantTx, user: StaffUser, origin: RequestOrigin): Promise<void> {
    await this.parts.devices.endWaiting(tx, user.id);
    await this.parts.devices.forgetDevices(tx, user.id);
    await this.parts.sessions.endAllOf(tx, user.id);
    const places = placesOf(origin);
    for (const from of [accountOf(user.email), ...places.map((place) => placeOf(user.email, place))]) {
      for (const subject of [from, waitingFor(from)]) await this.parts.failures.forget(tx, subject);
    }
    await this.parts.places.remember(tx, user.id, places);
  }

  /** What a try from there is counted under. */
  private async subjectsOf(
    tx: TenantTx,
    user: StaffUser | null,
    email: string,
    origin: RequestOrigin,
  ): Promise<LoginSubject[]> {
    const from = await this.accountOrPlaceOf(tx, user, email, origin);
    return from.kind === 'account' ? [from, addressOf(origin)] : [from];
  }

  private async accountOrPlaceOf(
    tx: TenantTx,
    user: StaffUser | null,
    email: string,
    origin: RequestOrigin,
  ): Promise<LoginSubject> {
    const places = placesOf(origin);
    // Asked for nobody too, so that the time does not tell who is known.
    const known = await this.parts.places.known(tx, user?.id ?? null, places);
    const place = places.find((one) => known.some((other) => Buffer.compare(one, other) === 0));
    return place === undefined ? accountOf(email) : placeOf(email, place);
  }
}
