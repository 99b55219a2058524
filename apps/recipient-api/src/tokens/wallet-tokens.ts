import type { Clock } from '@libs/kernel';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

/** `sep10`: a wallet that proved its account. `sep24`: one registration, for the page and its API. */
export type TokenKind = 'sep10' | 'sep24';

/** What a wallet proved. */
export interface WalletSession {
  readonly tenantId: string;
  readonly account: string;
  /** Of type id; null without one. */
  readonly memo: string | null;
  /** Empty where attribution is not required. */
  readonly clientDomain: string;
  readonly homeDomain: string;
  /** sep10: the hash of the challenge. sep24: the id of the deposit. */
  readonly id: string;
}

export interface TokenTimes {
  readonly issuer: string;
  readonly from: Date;
  readonly lifetimeMs: number;
}

const claimsSchema = z.object({
  sub: z.string().regex(/^G[A-Z2-7]{55}(:[0-9]{1,20})?$/),
  jti: z.string().min(1).max(64),
  kind: z.enum(['sep10', 'sep24']),
  tenant_id: z.uuid(),
  client_domain: z.string().max(255),
  home_domain: z.string().max(255),
});

const ALGORITHM = 'HS256';
const seconds = (date: Date): number => Math.floor(date.getTime() / 1_000);

/** Signs and reads the tokens of wallets. A token of one kind never stands for the other. */
export class WalletTokens {
  private readonly secret: Uint8Array;

  constructor(
    secret: string,
    private readonly clock: Clock,
  ) {
    this.secret = new TextEncoder().encode(secret);
  }

  async sign(kind: TokenKind, session: WalletSession, times: TokenTimes): Promise<string> {
    const until = new Date(times.from.getTime() + times.lifetimeMs);
    return await new SignJWT({
      kind,
      tenant_id: session.tenantId,
      client_domain: session.clientDomain,
      home_domain: session.homeDomain,
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(times.issuer)
      .setSubject(session.memo === null ? session.account : `${session.account}:${session.memo}`)
      .setJti(session.id)
      .setIssuedAt(seconds(times.from))
      .setExpirationTime(seconds(until))
      .sign(this.secret);
  }

  /** Null for anything but an unexpired token of this kind that we signed. */
  async read(kind: TokenKind, token: string): Promise<WalletSession | null> {
    const payload = await this.payloadOf(token);
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success || claims.data.kind !== kind) return null;
    const [account = '', memo = null] = claims.data.sub.split(':');
    return {
      tenantId: claims.data.tenant_id,
      account,
      memo,
      clientDomain: claims.data.client_domain,
      homeDomain: claims.data.home_domain,
      id: claims.data.jti,
    };
  }

  private async payloadOf(token: string): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(token, this.secret, {
        algorithms: [ALGORITHM],
        currentDate: this.clock.now(),
      });
      return payload;
    } catch {
      // Whatever is wrong with it, a stranger learns only that it is no token.
      return null;
    }
  }
}
