import { Clock, err, ok, type Result } from '@libs/kernel';
import type { LedgerKey } from '@libs/ledger';
import {
  buildChallenge,
  CHALLENGE_LIFETIME_MS,
  checkSignatures,
  type ClientDomain,
  ledgerKeyOf,
  openChallenge,
} from '@libs/ledger-stellar/web-auth';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { WebAuthNonceRepository } from '@libs/receivers';
import type { Tenant } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { type RecipientSettings, SETTINGS } from '../recipient-settings';
import { WalletTokens } from '../tokens/wallet-tokens';
import { ClientDomains } from './client-domains.service';
import { SeenAccounts } from './seen-accounts';

export interface ChallengeQuestion {
  readonly account: string;
  readonly memoId: string | null;
  readonly homeDomain: string;
  /** Null: the wallet does not say who it is. */
  readonly clientDomain: string | null;
}

export interface GivenChallenge {
  readonly transaction: string;
  readonly network_passphrase: string;
}

const TOKEN_LIFETIME_MS = 2 * 3_600_000;
const FORGET_EVERY_MS = 30_000;
const FORGOTTEN_MAX = 1_000;

/** The host, with its port, that this organisation speaks for. */
export const homeDomainOf = (tenant: Tenant): string => new URL(tenant.baseUrl).host;

/** Whether a wallet may name this home domain: the organisation's own, or one below it. */
export function isHomeDomainOf(tenant: Tenant, domain: string): boolean {
  const { host, hostname } = new URL(tenant.baseUrl);
  return domain === host || domain === hostname || domain.endsWith(`.${host}`);
}

/** SEP-10: a wallet proves that it holds the keys of an account, and which wallet it is. */
@Injectable()
export class WebAuthService {
  private readonly forgotAt = new Map<string, number>();
  private readonly signingKey: LedgerKey;

  constructor(
    @Inject(SETTINGS) private readonly settings: RecipientSettings,
    private readonly work: UnitOfWork,
    private readonly clock: Clock,
    private readonly accounts: SeenAccounts,
    private readonly tokens: WalletTokens,
    private readonly clientDomains: ClientDomains,
    private readonly nonces: WebAuthNonceRepository,
  ) {
    this.signingKey = ledgerKeyOf(settings.SEP10_SIGNING_PRIVATE_KEY);
  }

  /** A challenge that is good for 15 minutes and one token; an error when the client domain shows no signing key. */
  async challenge(
    context: TenantContext,
    tenant: Tenant,
    question: ChallengeQuestion,
  ): Promise<Result<GivenChallenge, 'client_domain'>> {
    const clientDomain = await this.provenDomain(question.clientDomain);
    if (!clientDomain.ok) return clientDomain;
    const { NETWORK_PASSPHRASE } = this.settings;
    const challenge = buildChallenge({
      server: this.signingKey,
      networkPassphrase: NETWORK_PASSPHRASE,
      account: question.account,
      homeDomain: question.homeDomain,
      webAuthDomain: homeDomainOf(tenant),
      memoId: question.memoId,
      clientDomain: clientDomain.value,
      now: this.clock.now(),
    });
    await this.work.run(context, async (tx) => {
      await this.nonces.remember(tx, challenge.nonce, challenge.expiresAt);
      if (this.isTimeToForget(context.tenantId)) await this.nonces.forgetExpired(tx, FORGOTTEN_MAX);
    });
    return ok({ transaction: challenge.envelope, network_passphrase: NETWORK_PASSPHRASE });
  }

  /** A token for the account that signed; an error for everything that is not a challenge of ours, signed, in time, once. */
  async token(
    context: TenantContext,
    tenant: Tenant,
    envelope: string,
  ): Promise<Result<string, 'not_proven'>> {
    const serverAccount = this.signingKey.address;
    const opened = openChallenge({
      envelope,
      serverAccount,
      networkPassphrase: this.settings.NETWORK_PASSPHRASE,
      webAuthDomain: homeDomainOf(tenant),
      isHomeDomain: (domain) => isHomeDomainOf(tenant, domain),
      now: this.clock.now(),
    });
    if (!opened.ok) return err('not_proven');
    const challenge = opened.value;
    if (challenge.clientDomain === null && this.settings.SEP10_CLIENT_ATTRIBUTION_REQUIRED)
      return err('not_proven');
    const account = await this.accounts.look(challenge.account);
    if (!checkSignatures(challenge, serverAccount, account).ok) return err('not_proven');
    const isFirst = await this.work.run(context, (tx) => this.nonces.use(tx, challenge.nonce));
    if (!isFirst) return err('not_proven');
    const token = await this.tokens.sign(
      'sep10',
      {
        tenantId: tenant.id,
        account: challenge.account,
        memo: challenge.memoId,
        clientDomain: challenge.clientDomain?.domain ?? '',
        homeDomain: challenge.homeDomain,
        id: challenge.hash,
      },
      {
        issuer: `${tenant.baseUrl.replace(/\/+$/, '')}/auth`,
        from: new Date(challenge.expiresAt.getTime() - CHALLENGE_LIFETIME_MS),
        lifetimeMs: TOKEN_LIFETIME_MS,
      },
    );
    return ok(token);
  }

  private async provenDomain(domain: string | null): Promise<Result<ClientDomain | null, 'client_domain'>> {
    if (domain === null) return ok(null);
    const key = await this.clientDomains.signingKeyOf(domain);
    return key.ok ? ok({ domain, signingKey: key.value }) : err('client_domain');
  }

  private isTimeToForget(tenantId: string): boolean {
    const now = performance.now();
    if (now - (this.forgotAt.get(tenantId) ?? Number.NEGATIVE_INFINITY) < FORGET_EVERY_MS) return false;
    this.forgotAt.set(tenantId, now);
    return true;
  }
}
