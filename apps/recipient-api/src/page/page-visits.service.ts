import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { DepositsService } from '../deposits/deposits.service';
import { RequestTenant } from '../tenancy/request-tenant.service';
import { type SignedInRequest, signedIn } from '../tokens/wallet-session';
import { WalletTokens } from '../tokens/wallet-tokens';

/** Who is on the registration page: the token travels in its forms. */
@Injectable()
export class PageVisits {
  constructor(
    private readonly tenants: RequestTenant,
    private readonly tokens: WalletTokens,
    private readonly deposits: DepositsService,
  ) {}

  /** Null when the token has ended or is none. */
  async of(request: Request, token: string): Promise<SignedInRequest | null> {
    const readers = { tenants: this.tenants, tokens: this.tokens };
    return await signedIn(readers, request, { kind: 'sep24', text: token });
  }

  /** The token for the next step, so that whoever waits for an SMS is not thrown out. */
  async renewed({ session, tenant }: SignedInRequest): Promise<string> {
    return await this.deposits.registrationToken(tenant, session);
  }
}
