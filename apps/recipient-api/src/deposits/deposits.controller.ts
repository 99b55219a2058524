import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';
import { type SessionReaders, walletOf } from '../tokens/wallet-session';
import { WalletTokens } from '../tokens/wallet-tokens';
import { DepositsService, type SeenDeposit } from './deposits.service';

const LANG = /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/;
const CODE_CHARACTERS_MAX = 12;

const textOf = (body: unknown, name: string): string => {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value.trim() : '';
};

/** SEP-24 over HTTP. */
@Controller('sep24')
export class DepositsController {
  private readonly readers: SessionReaders;

  constructor(
    private readonly tenants: RequestTenant,
    tokens: WalletTokens,
    private readonly deposits: DepositsService,
  ) {
    this.readers = { tokens, tenants };
  }

  @Get('info')
  async info(@Req() request: Request): Promise<object> {
    const tenant = await this.tenants.of(request);
    const assets = await this.deposits.assets(contextOf(request, tenant));
    const deposit = { enabled: true, min_amount: 1, max_amount: 10_000 };
    return {
      deposit: Object.fromEntries(
        assets.map(({ code, issuer }) => [issuer === '' ? 'native' : code, deposit]),
      ),
      withdraw: {},
      fee: { enabled: false },
      features: { account_creation: false, claimable_balances: false },
    };
  }

  @Post('transactions/deposit/interactive')
  @HttpCode(200)
  async start(@Req() request: Request, @Body() body: unknown): Promise<object> {
    const { session, tenant } = await walletOf(this.readers, request);
    const assetCode = textOf(body, 'asset_code');
    const assetIssuer = textOf(body, 'asset_issuer');
    if (assetCode === '') throw new HttpProblem(400, { error: 'asset_code is required' });
    const account = textOf(body, 'account');
    // Money goes to the account that proved itself, never to one that a request names.
    if (account !== '' && account !== session.account) {
      throw new HttpProblem(400, { error: 'account must be the account of the token' });
    }
    const lang = textOf(body, 'lang');
    const wish = {
      assetCode: assetCode.slice(0, CODE_CHARACTERS_MAX + 1),
      assetIssuer: assetIssuer === '' ? null : assetIssuer,
      lang: LANG.test(lang) && lang.length <= 20 ? lang : 'en',
    };
    const started = await this.deposits.start(contextOf(request, tenant), tenant, { session, wish });
    if (!started.ok) throw new HttpProblem(400, { error: 'asset_code is not an asset of this organization' });
    return { type: 'interactive_customer_info_needed', ...started.value };
  }

  @Get('transaction')
  async transaction(@Req() request: Request, @Query('id') id: unknown): Promise<object> {
    const { session, tenant } = await walletOf(this.readers, request);
    if (typeof id !== 'string' || id === '') throw new HttpProblem(400, { error: 'id is required' });
    const seen = isId(id)
      ? await this.deposits.find(contextOf(request, tenant), tenant, { session, id })
      : null;
    if (seen === null) throw new HttpProblem(404, { error: 'transaction not found' });
    return { transaction: answerOf(seen) };
  }
}

function answerOf({ deposit, status, ledgerTransaction, finishedAt, registrationUrl }: SeenDeposit): object {
  return {
    id: deposit.id,
    kind: 'deposit',
    status,
    started_at: deposit.startedAt,
    refunded: false,
    ...(registrationUrl === null ? {} : { more_info_url: registrationUrl }),
    to: deposit.stellarAddress,
    ...(deposit.stellarMemo === null ? {} : { deposit_memo: deposit.stellarMemo, deposit_memo_type: 'id' }),
    ...(finishedAt === null ? {} : { completed_at: finishedAt }),
    stellar_transaction_id: ledgerTransaction ?? '',
  };
}
