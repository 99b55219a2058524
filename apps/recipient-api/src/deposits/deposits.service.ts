import { Clock, err, newId, ok, type Result } from '@libs/kernel';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { DepositRepository, type StoredDeposit } from '@libs/receivers';
import type { Tenant } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import { type WalletSession, WalletTokens } from '../tokens/wallet-tokens';
import { depositStatus, type DepositStatus } from './deposit-status.policy';
import { WaitingPaymentsReadModel } from './waiting-payments.read-model';

/** A token of the registration page lives as long as a one-time code. The page renews it with each step. */
export const REGISTRATION_TOKEN_LIFETIME_MS = 5 * 60_000;

export interface DepositWish {
  readonly assetCode: string;
  readonly assetIssuer: string | null;
  readonly lang: string;
}

export interface SeenDeposit {
  readonly deposit: StoredDeposit;
  readonly status: DepositStatus;
  readonly ledgerTransaction: string | null;
  readonly finishedAt: Date | null;
  /** Null once there is nothing left to do for the person. */
  readonly registrationUrl: string | null;
}

const originOf = (tenant: Tenant): string => tenant.baseUrl.replace(/\/+$/, '');

/** SEP-24 deposits: a person's way from the wallet to the registration page, and how far it has come. */
@Injectable()
export class DepositsService {
  constructor(
    private readonly work: UnitOfWork,
    private readonly clock: Clock,
    private readonly tokens: WalletTokens,
    private readonly deposits: DepositRepository,
    private readonly payments: WaitingPaymentsReadModel,
  ) {}

  async assets(context: TenantContext): Promise<{ readonly code: string; readonly issuer: string }[]> {
    return await this.work.run(context, (tx) => this.payments.assets(tx));
  }

  async start(
    context: TenantContext,
    tenant: Tenant,
    wallet: { readonly session: WalletSession; readonly wish: DepositWish },
  ): Promise<Result<{ readonly id: string; readonly url: string }, 'unknown_asset'>> {
    const { session, wish } = wallet;
    const id = newId();
    const isKnown = await this.work.run(context, async (tx) => {
      const asset = await this.payments.asset(tx, { code: wish.assetCode, issuer: wish.assetIssuer });
      if (asset === null) return false;
      await this.deposits.add(tx, {
        id,
        stellarAddress: session.account,
        stellarMemo: session.memo,
        clientDomain: session.clientDomain,
        assetCode: asset.code,
        assetIssuer: asset.issuer,
        lang: wish.lang,
      });
      return true;
    });
    if (!isKnown) return err('unknown_asset');
    return ok({ id, url: await this.registrationUrl(tenant, { ...session, id }, wish.lang) });
  }

  /** Null for an id that is unknown or of another account. */
  async find(
    context: TenantContext,
    tenant: Tenant,
    asked: { readonly session: WalletSession; readonly id: string },
  ): Promise<SeenDeposit | null> {
    const { session, id } = asked;
    const found = await this.work.run(context, async (tx) => {
      const deposit = await this.deposits.find(tx, id);
      const isTheirs = deposit?.stellarAddress === session.account && deposit.stellarMemo === session.memo;
      if (deposit === null || !isTheirs) return null;
      const { receiverWalletId, registeredAt } = deposit;
      const payments =
        receiverWalletId === null || registeredAt === null
          ? null
          : await this.payments.since(tx, receiverWalletId, registeredAt);
      return { deposit, payments };
    });
    if (found === null) return null;
    const { deposit, payments } = found;
    const status = depositStatus(payments);
    const isOver = status === 'completed' || status === 'error';
    return {
      deposit,
      status,
      ledgerTransaction: status === 'completed' ? (payments?.ledger_transaction ?? null) : null,
      finishedAt: isOver ? (payments?.finished_at ?? null) : null,
      registrationUrl: isOver ? null : await this.registrationUrl(tenant, { ...session, id }, deposit.lang),
    };
  }

  /** A token of the registration `session.id`. */
  async registrationToken(tenant: Tenant, session: WalletSession): Promise<string> {
    return await this.tokens.sign('sep24', session, {
      issuer: `${originOf(tenant)}/auth`,
      from: this.clock.now(),
      lifetimeMs: REGISTRATION_TOKEN_LIFETIME_MS,
    });
  }

  private async registrationUrl(tenant: Tenant, session: WalletSession, lang: string): Promise<string> {
    const token = await this.registrationToken(tenant, session);
    const query = new URLSearchParams({ transaction_id: session.id, token, lang });
    return `${originOf(tenant)}/wallet-registration/start?${query.toString()}`;
  }
}
