import { type FactorKind, hasOwnFactor, type OwnFactors, SecondFactor, type StaffUser } from '@libs/identity';
import type { TenantTx } from '@libs/persistence';
import type { Organization } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { needsSecondFactor } from './mfa-requirement';
import { SecondFactorMail } from './second-factor-mail';

const CODE_SENT = { message: 'MFA code sent to email. Check your inbox and spam folders.' };
const SHOW_YOURS = 'Enter a code of your authenticator app, use your passkey, or enter a recovery code.';

export type SecondStep =
  | { readonly kind: 'none' }
  /** The sign-in has to name its device first. */
  | { readonly kind: 'device_missing' }
  | { readonly kind: 'waits'; readonly answer: object };

/** `enrolment`: only to set up a better one. */
export type FactorReach = 'everything' | 'enrolment' | 'nothing';

/** What is asked after a right password. */
@Injectable()
export class SecondStepService {
  constructor(
    private readonly secondFactor: SecondFactor,
    private readonly mail: SecondFactorMail,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  /**
   * Nothing, when the organisation asks for nothing or the device is remembered; what the person has set up, and else
   * a code by mail. Who has set up something is always asked for it, and who still has to, on every device: a sign-in that
   * is asked for nothing may do everything.
   */
  async ask(
    tx: TenantTx,
    user: StaffUser,
    at: { readonly organization: Organization | null; readonly deviceId: string | null },
  ): Promise<SecondStep> {
    const { organization, deviceId } = at;
    const own = await this.secondFactor.ownFactorsOf(tx, user.id);
    if (!needsSecondFactor(organization, this.settings) && !hasOwnFactor(own)) return { kind: 'none' };
    if (deviceId === null) return { kind: 'device_missing' };
    // A device may be remembered from when codes by mail were good enough.
    const counts = !hasToEnrol(own, organization);
    if (counts && (await this.secondFactor.isRemembered(tx, user.id, deviceId))) return { kind: 'none' };
    if (!hasOwnFactor(own)) {
      await this.mail.send(tx, user, deviceId);
      return { kind: 'waits', answer: CODE_SENT };
    }
    await this.secondFactor.wait(tx, user.id, deviceId);
    return {
      kind: 'waits',
      answer: { message: SHOW_YOURS, second_factors: kindsOf(own, organization) },
    };
  }

  /** What this factor of the person is good for now: a letter may be older than the word that forbids codes by mail. */
  async reachOf(
    tx: TenantTx,
    userId: string,
    by: { readonly kind: FactorKind; readonly organization: Organization | null },
  ): Promise<FactorReach> {
    if (by.kind !== 'email_code' || by.organization?.emailCodesForbidden !== true) return 'everything';
    return hasOwnFactor(await this.secondFactor.ownFactorsOf(tx, userId)) ? 'nothing' : 'enrolment';
  }
}

/** Who has nothing but their mailbox, where that is not good enough. */
const hasToEnrol = (own: OwnFactors, organization: Organization | null): boolean =>
  organization?.emailCodesForbidden === true && !hasOwnFactor(own);

/** What a person may show, the best first. */
export function kindsOf(own: OwnFactors, organization: Organization | null): FactorKind[] {
  const isMailAllowed = organization?.emailCodesForbidden !== true || !hasOwnFactor(own);
  return [
    ...(own.passkeys > 0 ? (['passkey'] as const) : []),
    ...(own.totp ? (['totp'] as const) : []),
    ...(own.recoveryCodes > 0 ? (['recovery_code'] as const) : []),
    ...(isMailAllowed ? (['email_code'] as const) : []),
  ];
}
