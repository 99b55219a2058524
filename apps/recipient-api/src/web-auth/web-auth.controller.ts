import { HttpProblem } from '@libs/http';
import { isAccountAddress, LedgerUnreachableError } from '@libs/ledger';
import type { Tenant } from '@libs/tenants';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';

import { fieldOf } from '@libs/kernel';
import { type RecipientSettings, SETTINGS } from '../recipient-settings';
import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';
import {
  type ChallengeQuestion,
  type GivenChallenge,
  homeDomainOf,
  isHomeDomainOf,
  WebAuthService,
} from './web-auth.service';

const CONTENT_TYPES = /^application\/(x-www-form-urlencoded|json)\b/i;
const UINT64_MAX = 18_446_744_073_709_551_615n;
const ENVELOPE_CHARACTERS_MAX = 50 * 1_024;

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** SEP-10 over HTTP. */
@Controller('sep10')
export class WebAuthController {
  constructor(
    @Inject(SETTINGS) private readonly settings: RecipientSettings,
    private readonly tenants: RequestTenant,
    private readonly webAuth: WebAuthService,
  ) {}

  @Get('auth')
  async challenge(
    @Req() request: Request,
    @Query() query: Readonly<Record<string, unknown>>,
  ): Promise<GivenChallenge> {
    const tenant = await this.tenants.of(request);
    const question = this.questionOf(query, tenant);
    const given = await this.webAuth.challenge(contextOf(request, tenant), tenant, question);
    if (!given.ok) {
      throw new HttpProblem(400, {
        error: 'Failed to create challenge',
        extras: { client_domain: 'its stellar.toml with a SIGNING_KEY could not be fetched' },
      });
    }
    return given.value;
  }

  @Post('auth')
  @HttpCode(200)
  async token(@Req() request: Request, @Body() body: unknown): Promise<{ token: string }> {
    const tenant = await this.tenants.of(request);
    if (!CONTENT_TYPES.test(request.headers['content-type'] ?? '')) {
      throw new HttpProblem(400, {
        error: 'unsupported content type. Expected application/x-www-form-urlencoded or application/json',
      });
    }
    const envelope = textOf(fieldOf(body, 'transaction'));
    if (envelope === '') throw new HttpProblem(400, { error: 'transaction is required' });
    if (envelope.length > ENVELOPE_CHARACTERS_MAX)
      throw new HttpProblem(400, { error: 'challenge validation failed' });
    const token = await this.proven(request, tenant, envelope);
    return { token };
  }

  private async proven(request: Request, tenant: Tenant, envelope: string): Promise<string> {
    try {
      const token = await this.webAuth.token(contextOf(request, tenant), tenant, envelope);
      if (!token.ok) throw new HttpProblem(400, { error: 'challenge validation failed' });
      return token.value;
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      throw new HttpProblem(503, { error: 'The ledger cannot be reached right now. Please try again.' });
    }
  }

  private questionOf(query: Readonly<Record<string, unknown>>, tenant: Tenant): ChallengeQuestion {
    const account = textOf(query['account']);
    if (account === '') throw new HttpProblem(400, { error: 'account is required' });
    if (!isAccountAddress(account)) {
      throw new HttpProblem(400, { error: 'invalid account not a valid ed25519 public key' });
    }
    const memo = textOf(query['memo']);
    if (memo !== '' && !(/^[0-9]{1,20}$/.test(memo) && BigInt(memo) <= UINT64_MAX)) {
      throw new HttpProblem(400, { error: 'invalid memo type - expected ID memo, got text' });
    }
    const given = textOf(query['home_domain']);
    const homeDomain = given === '' ? homeDomainOf(tenant) : given;
    if (!isHomeDomainOf(tenant, homeDomain)) {
      throw new HttpProblem(400, { error: `invalid home_domain must match ${homeDomainOf(tenant)}` });
    }
    const clientDomain = textOf(query['client_domain']);
    if (clientDomain === '' && this.settings.SEP10_CLIENT_ATTRIBUTION_REQUIRED) {
      throw new HttpProblem(400, { error: 'client_domain is required' });
    }
    return {
      account,
      memoId: memo === '' ? null : BigInt(memo).toString(),
      homeDomain,
      clientDomain: clientDomain === '' ? null : clientDomain.toLowerCase(),
    };
  }
}
