import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto';

import type { TenantTx } from '@libs/persistence';

import type { MfaCodesRepository } from './mfa-codes.repository';

export const MFA_CODE_SECONDS = 300;
const CODE = /^[0-9]{6}$/;
const CODES = 1_000_000;

export type Redemption =
  | { readonly kind: 'redeemed'; readonly userId: string }
  /** Whose codes the guess counted against; nobody's when none waits on the device. */
  | { readonly kind: 'wrong'; readonly waitingUserIds: readonly string[] };

/** The second factor that travels by e-mail: six digits, five minutes, five tries, once. */
export class SecondFactor {
  /** `pepper` keys the HMAC of stored codes: six digits without it are found by trying them all. */
  constructor(
    private readonly codes: MfaCodesRepository,
    private readonly pepper: Uint8Array,
  ) {}

  /** Whether this person proved themselves on this device in the last seven days and asked to be remembered. */
  async isRemembered(tx: TenantTx, userId: string, deviceId: string): Promise<boolean> {
    return await this.codes.isRemembered(tx, userId, deviceHashOf(deviceId));
  }

  /** A new code for this person on this device; an earlier one stops working. */
  async issue(tx: TenantTx, userId: string, deviceId: string): Promise<string> {
    const code = String(randomInt(CODES)).padStart(6, '0');
    const codeHmac = this.hmacOf(tx.tenantId, userId, code);
    await this.codes.put(tx, { userId, deviceHash: deviceHashOf(deviceId), codeHmac }, MFA_CODE_SECONDS);
    return code;
  }

  /**
   * Whose code this is. Every wrong guess counts against all codes that wait on the device, so commit the database
   * transaction also when it was wrong.
   */
  async redeem(
    tx: TenantTx,
    guess: { readonly deviceId: string; readonly code: string; readonly remember: boolean },
  ): Promise<Redemption> {
    const deviceHash = deviceHashOf(guess.deviceId);
    const waiting = await this.codes.lockWaiting(tx, deviceHash);
    const found = CODE.test(guess.code)
      ? waiting.find(({ userId, codeHmac }) =>
          timingSafeEqual(codeHmac, this.hmacOf(tx.tenantId, userId, guess.code)),
        )
      : undefined;
    if (found === undefined) {
      await this.codes.countTry(tx, deviceHash);
      return { kind: 'wrong', waitingUserIds: waiting.map(({ userId }) => userId) };
    }
    await this.codes.useUp(tx, found.userId, deviceHash, guess.remember);
    return { kind: 'redeemed', userId: found.userId };
  }

  private hmacOf(tenantId: string, userId: string, code: string): Uint8Array {
    return createHmac('sha256', this.pepper).update(`mfa|${tenantId}|${userId}|${code}`).digest();
  }
}

const deviceHashOf = (deviceId: string): Uint8Array => createHash('sha256').update(deviceId).digest();
