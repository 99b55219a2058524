import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto';

import type { Clock } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import type { MfaCodesRepository, WaitingSignIn } from './mfa-codes.repository';
import type { Passkeys, PasskeySite } from './passkeys';
import type { PasskeysRepository } from './passkeys.repository';
import type { RecoveryCodesRepository } from './recovery-codes.repository';
import type { TotpSecretsRepository } from './totp-secrets.repository';

export const MFA_CODE_SECONDS = 300;
const CODE = /^[0-9]{6}$/;
const CODES = 1_000_000;

/** What a person has beside their password and their mailbox. */
export interface OwnFactors {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

export const hasOwnFactor = (factors: OwnFactors): boolean => factors.totp || factors.passkeys > 0;

export type FactorKind = 'email_code' | 'totp' | 'recovery_code' | 'passkey';

export type Redemption =
  | { readonly kind: 'redeemed'; readonly userId: string; readonly by: FactorKind }
  | { readonly kind: 'wrong' };

/** A try to end a waiting sign-in: what was typed, or what the browser's authenticator answered. */
export type Proof =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'passkey'; readonly response: unknown; readonly site: PasskeySite };

export interface SecondFactorParts {
  readonly codes: MfaCodesRepository;
  readonly totp: TotpSecretsRepository;
  readonly recoveryCodes: RecoveryCodesRepository;
  readonly passkeyRows: PasskeysRepository;
  readonly passkeys: Passkeys;
  readonly clock: Clock;
  /** Keys the HMAC of stored codes: six digits without it are found by trying them all. */
  readonly pepper: Uint8Array;
}

/** The second step of a sign-in: it waits on a device for five minutes and takes five tries, whatever is tried. */
export class SecondFactor {
  constructor(private readonly parts: SecondFactorParts) {}

  async ownFactorsOf(tx: TenantTx, userId: string): Promise<OwnFactors> {
    const { totp, passkeyRows, recoveryCodes } = this.parts;
    return {
      totp: (await totp.confirmedAt(tx, userId)) !== null,
      passkeys: (await passkeyRows.list(tx, userId)).length,
      recoveryCodes: await recoveryCodes.left(tx, userId),
    };
  }

  /** Whether this person proved themselves on this device in the last seven days and asked to be remembered. */
  async isRemembered(tx: TenantTx, userId: string, deviceId: string): Promise<boolean> {
    return await this.parts.codes.isRemembered(tx, userId, deviceHashOf(deviceId));
  }

  /** Who has just proven themselves on the device asked for that. */
  async remember(tx: TenantTx, userId: string, deviceId: string): Promise<void> {
    await this.parts.codes.remember(tx, userId, deviceHashOf(deviceId));
  }

  /** The sign-in waits on the device, for whatever the person has of their own. */
  async wait(tx: TenantTx, userId: string, deviceId: string): Promise<void> {
    const signIn = { userId, deviceHash: deviceHashOf(deviceId), codeHmac: null };
    await this.parts.codes.wait(tx, signIn, MFA_CODE_SECONDS);
  }

  /** The sign-in waits on the device for a new code, which is returned to be mailed; an earlier one stops working. */
  async issue(tx: TenantTx, userId: string, deviceId: string): Promise<string> {
    const code = newCode();
    const codeHmac = this.hmacOf(tx.tenantId, userId, code);
    const signIn = { userId, deviceHash: deviceHashOf(deviceId), codeHmac };
    await this.parts.codes.wait(tx, signIn, MFA_CODE_SECONDS);
    return code;
  }

  /** Codes to be mailed to who is waiting on the device and has got none; tries that were used stay used. */
  async issueToWaiting(
    tx: TenantTx,
    deviceId: string,
  ): Promise<readonly { readonly userId: string; readonly code: string }[]> {
    const deviceHash = deviceHashOf(deviceId);
    const issued: { userId: string; code: string }[] = [];
    for (const { userId } of await this.parts.codes.lockWaiting(tx, deviceHash)) {
      const code = newCode();
      const codeHmac = this.hmacOf(tx.tenantId, userId, code);
      if (await this.parts.codes.addCode(tx, userId, deviceHash, codeHmac)) issued.push({ userId, code });
    }
    return issued;
  }

  /**
   * What the browser needs to use a passkey of whoever is waiting on the device; null when nobody has any. The question is of
   * that device alone: who has only the password asks on another one, and takes it from nobody.
   */
  async passkeyOptions(tx: TenantTx, deviceId: string, site: PasskeySite): Promise<object | null> {
    const deviceHash = deviceHashOf(deviceId);
    const waiting = await this.parts.codes.lockWaiting(tx, deviceHash);
    const userIds = waiting.map(({ userId }) => userId);
    const options = await this.parts.passkeys.proofOptions(tx, userIds, site);
    if (options !== null) await this.parts.codes.ask(tx, deviceHash, options.challenge);
    return options;
  }

  /** Who is waiting on the device. */
  async waitingOn(tx: TenantTx, deviceId: string): Promise<readonly string[]> {
    const waiting = await this.parts.codes.lockWaiting(tx, deviceHashOf(deviceId));
    return waiting.map(({ userId }) => userId);
  }

  /**
   * Whose proof this is. Every wrong one counts against all sign-ins that wait on the device, so commit the database
   * transaction also when it was wrong.
   */
  async redeem(
    tx: TenantTx,
    guess: { readonly deviceId: string; readonly proof: Proof },
  ): Promise<Redemption> {
    const deviceHash = deviceHashOf(guess.deviceId);
    const waiting = await this.parts.codes.lockWaiting(tx, deviceHash);
    // A question is answered once, rightly or wrongly.
    if (guess.proof.kind === 'passkey') await this.parts.codes.ask(tx, deviceHash, null);
    for (const signIn of waiting) {
      const by = await this.factorOf(tx, signIn, guess.proof);
      if (by === null) continue;
      await this.parts.codes.finish(tx, signIn.userId, deviceHash);
      return { kind: 'redeemed', userId: signIn.userId, by };
    }
    await this.parts.codes.countTry(tx, deviceHash);
    return { kind: 'wrong' };
  }

  /** Which factor of the person the proof is, used up; null for none. */
  private async factorOf(tx: TenantTx, signIn: WaitingSignIn, proof: Proof): Promise<FactorKind | null> {
    const { userId, passkeyChallenge: challenge } = signIn;
    if (proof.kind === 'passkey') {
      const isRight =
        challenge !== null && (await this.parts.passkeys.checkProof(tx, userId, { ...proof, challenge }));
      return isRight ? 'passkey' : null;
    }
    const { code } = proof;
    if (!CODE.test(code)) {
      return (await this.parts.recoveryCodes.redeem(tx, userId, code)) ? 'recovery_code' : null;
    }
    const mailed = signIn.codeHmac;
    if (mailed !== null && timingSafeEqual(mailed, this.hmacOf(tx.tenantId, userId, code))) {
      return 'email_code';
    }
    const isTotp = await this.parts.totp.redeem(tx, userId, code, this.parts.clock.now());
    return isTotp ? 'totp' : null;
  }

  private hmacOf(tenantId: string, userId: string, code: string): Uint8Array {
    return createHmac('sha256', this.parts.pepper).update(`mfa|${tenantId}|${userId}|${code}`).digest();
  }
}

const newCode = (): string => String(randomInt(CODES)).padStart(6, '0');

const deviceHashOf = (deviceId: string): Uint8Array => createHash('sha256').update(deviceId).digest();
