import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';

import { type Clock, isId } from '@libs/kernel';
import { jwtVerify, SignJWT } from 'jose';

import type { StaffUser } from './staff-user';

const STAFF_TOKEN_SECONDS = 900;
/** A token with more left than this is handed back instead of a new one. */
const RENEW_BELOW_SECONDS = 180;
/** A token of another kind (a wallet's sign-in, a registration page) is refused even where the key is the same. */
const KIND = 'staff';
/** Tokens whose signature was checked already; checking costs ten times as much as the rest of a look-up. */
const VERIFIED_MAX = 10_000;

export interface StaffTokenSubject {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** In seconds since 1970. */
  readonly expiresAtSeconds: number;
}

/** Signs and reads the tokens of staff: ES256, 15 minutes. */
export class StaffTokens {
  private readonly privateKey: KeyObject;
  private readonly publicKey: KeyObject;
  /** By the token's hash, the oldest first. What a token says never changes; whether it still counts is asked each time. */
  private readonly verified = new Map<string, StaffTokenSubject>();

  /** `pem` may have `\n` written as two characters, as environment files do. Throws when it is no P-256 key. */
  constructor(
    pem: string,
    private readonly clock: Clock,
  ) {
    this.privateKey = createPrivateKey(pem.replaceAll('\\n', '\n'));
    this.publicKey = createPublicKey(this.privateKey);
    if (this.privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      throw new Error('EC256_PRIVATE_KEY must be a P-256 key');
    }
  }

  async sign(tenantId: string, user: StaffUser, sessionId: string): Promise<string> {
    const now = this.nowSeconds();
    return await new SignJWT({
      kind: KIND,
      sid: sessionId,
      tenant_id: tenantId,
      user: {
        id: user.id,
        first_name: user.firstName,
        last_name: user.lastName,
        email: user.email,
        is_active: user.isActive,
        roles: user.roles,
      },
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuedAt(now)
      .setExpirationTime(now + STAFF_TOKEN_SECONDS)
      .sign(this.privateKey);
  }

  /** Null for anything that is not a living token of staff, signed by us. */
  async read(token: string): Promise<StaffTokenSubject | null> {
    const digest = hash('sha256', token, 'base64');
    const known = this.verified.get(digest);
    if (known !== undefined) return known.expiresAtSeconds > this.nowSeconds() ? known : null;
    const subject = await this.verify(token);
    if (subject !== null) this.remember(digest, subject);
    return subject;
  }

  private remember(digest: string, subject: StaffTokenSubject): void {
    if (this.verified.size >= VERIFIED_MAX) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    this.verified.set(digest, subject);
  }

  private async verify(token: string): Promise<StaffTokenSubject | null> {
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        algorithms: ['ES256'],
        currentDate: this.clock.now(),
        requiredClaims: ['exp'],
      });
      const { kind, tenant_id: tenantId, sid: sessionId, user, exp } = payload;
      const userId: unknown = typeof user === 'object' && user !== null ? Reflect.get(user, 'id') : undefined;
      if (kind !== KIND || exp === undefined) return null;
      if (!isIdText(tenantId) || !isIdText(sessionId) || !isIdText(userId)) return null;
      return { tenantId, userId, sessionId, expiresAtSeconds: exp };
    } catch {
      return null;
    }
  }

  needsRenewal(subject: StaffTokenSubject): boolean {
    return subject.expiresAtSeconds - this.nowSeconds() <= RENEW_BELOW_SECONDS;
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

const isIdText = (value: unknown): value is string => typeof value === 'string' && isId(value);
