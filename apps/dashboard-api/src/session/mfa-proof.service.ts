import {
  AuditLogRepository,
  type AuditRecord,
  LoginService,
  type OpenedSession,
  type Proof,
  type RequestOrigin,
  SecondFactor,
  type StaffUser,
  UsersRepository,
} from '@libs/identity';
import type { TenantTx } from '@libs/persistence';
import { OrganizationsRepository, type Tenant } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import { passkeySiteOf } from '../second-factor/passkey-site';
import { SecondFactorMail } from './second-factor-mail';
import { SecondStepService } from './second-step.service';

/** One try at the second step of a sign-in. */
export interface MfaTry {
  readonly tenant: Tenant;
  readonly origin: RequestOrigin & { readonly deviceId: string };
  readonly code: string | null;
  readonly passkey: object | null;
  readonly remember: boolean;
  readonly audited: (user: StaffUser, sessionId: string) => AuditRecord;
}

/** All but `opened` is answered instead of thrown, because what was counted has to be committed. */
export type MfaOutcome =
  | { readonly kind: 'opened'; readonly session: OpenedSession }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** Ends sign-ins that wait for a second factor. */
@Injectable()
export class MfaProof {
  constructor(
    private readonly logins: LoginService,
    private readonly secondFactor: SecondFactor,
    private readonly users: UsersRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly mail: SecondFactorMail,
    private readonly secondStep: SecondStepService,
    private readonly auditLog: AuditLogRepository,
  ) {}

  /** A session for a right proof, which is not even looked at while who is waiting has guessed wrong too often. */
  async prove(tx: TenantTx, attempt: MfaTry): Promise<MfaOutcome> {
    const { origin } = attempt;
    const waiting = await this.waitingOn(tx, origin.deviceId);
    const seconds = await this.beginTries(tx, waiting, origin);
    if (seconds > 0) return { kind: 'wait', seconds };
    const organization = await this.organizations.find(tx);
    const proof: Proof =
      attempt.passkey === null
        ? { kind: 'code', code: attempt.code ?? '' }
        : { kind: 'passkey', response: attempt.passkey, site: passkeySiteOf(attempt.tenant, organization) };
    const redemption = await this.secondFactor.redeem(tx, { deviceId: origin.deviceId, proof });
    if (redemption.kind === 'wrong') return redemption;
    for (const one of waiting) await this.logins.giveTryBack(tx, one, origin);
    const user = waiting.find(({ id }) => id === redemption.userId);
    if (user?.isActive !== true) return { kind: 'wrong' };
    const reach = await this.secondStep.reachOf(tx, user.id, { kind: redemption.by, organization });
    if (reach === 'nothing') return { kind: 'wrong' };
    const mustEnrol = reach === 'enrolment';
    // What is only good for setting up something better stands in for nothing at the next sign-in.
    if (attempt.remember && !mustEnrol) await this.secondFactor.remember(tx, user.id, origin.deviceId);
    const session = await this.logins.openSession(tx, user, { ...origin, isProven: true, mustEnrol });
    await this.auditLog.append(tx, attempt.audited(user, session.sessionId));
    return { kind: 'opened', session };
  }

  /** Mails a code to who is waiting on the device, where the organisation allows it; once per sign-in. */
  async mailCode(tx: TenantTx, deviceId: string): Promise<void> {
    const organization = await this.organizations.find(tx);
    if (organization?.emailCodesForbidden === true) return;
    for (const { userId, code } of await this.secondFactor.issueToWaiting(tx, deviceId)) {
      const user = await this.users.find(tx, userId);
      if (user !== null) await this.mail.write(tx, user, code);
    }
  }

  /** What the browser needs to use a passkey of who is waiting on the device; null when nobody has any. */
  async passkeyOptions(tx: TenantTx, tenant: Tenant, deviceId: string): Promise<object | null> {
    const site = passkeySiteOf(tenant, await this.organizations.find(tx));
    return await this.secondFactor.passkeyOptions(tx, deviceId, site);
  }

  private async waitingOn(tx: TenantTx, deviceId: string): Promise<readonly StaffUser[]> {
    const waiting: StaffUser[] = [];
    for (const userId of await this.secondFactor.waitingOn(tx, deviceId)) {
      const user = await this.users.find(tx, userId);
      if (user !== null) waiting.push(user);
    }
    return waiting;
  }

  /** The longest that one of them has to wait; 0 for not at all. */
  private async beginTries(
    tx: TenantTx,
    users: readonly StaffUser[],
    origin: RequestOrigin,
  ): Promise<number> {
    const seconds: number[] = [];
    for (const user of users) seconds.push(await this.logins.beginTry(tx, user, origin));
    return Math.max(0, ...seconds);
  }
}
