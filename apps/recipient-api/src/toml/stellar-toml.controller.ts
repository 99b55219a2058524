import { ledgerKeyOf } from '@libs/ledger-stellar/web-auth';
import type { TenantTx } from '@libs/persistence';
import { UnitOfWork } from '@libs/persistence';
import type { Tenant } from '@libs/tenants';
import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import type { Request } from 'express';
import { stringify } from 'smol-toml';

import { type RecipientSettings, SETTINGS } from '../recipient-settings';
import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';

interface Publication {
  readonly organizationName: string;
  readonly assets: readonly { readonly code: string; readonly issuer: string }[];
}

const ASSETS_MAX = 100;

/** SEP-1: what a wallet must know about us before it talks to us. */
@Controller()
export class StellarTomlController {
  private readonly signingKey: string;

  constructor(
    @Inject(SETTINGS) private readonly settings: RecipientSettings,
    private readonly tenants: RequestTenant,
    private readonly work: UnitOfWork,
  ) {
    this.signingKey = ledgerKeyOf(settings.SEP10_SIGNING_PRIVATE_KEY).address;
  }

  @Get('.well-known/stellar.toml')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Header('Access-Control-Allow-Origin', '*')
  async stellarToml(@Req() request: Request): Promise<string> {
    const tenant = await this.tenants.find(request);
    const { NETWORK_PASSPHRASE, HORIZON_URL, BASE_URL } = this.settings;
    const origin = (tenant?.baseUrl ?? BASE_URL).replace(/\/+$/, '');
    const account = tenant?.distributionAccountAddress ?? null;
    const general = {
      ACCOUNTS: account === null ? [this.signingKey] : [account, this.signingKey],
      SIGNING_KEY: this.signingKey,
      NETWORK_PASSPHRASE,
      HORIZON_URL: HORIZON_URL[0] ?? '',
      WEB_AUTH_ENDPOINT: `${origin}/sep10/auth`,
      TRANSFER_SERVER_SEP0024: `${origin}/sep24`,
    };
    if (tenant === null) return stringify(general);
    const { organizationName, assets } = await this.publicationOf(request, tenant);
    return stringify({
      ...general,
      DOCUMENTATION: { ORG_NAME: organizationName },
      CURRENCIES: assets.map(({ code, issuer }) =>
        issuer === '' ? { code: 'native', status: 'live' } : { code, issuer, status: 'live' },
      ),
    });
  }

  private async publicationOf(request: Request, tenant: Tenant): Promise<Publication> {
    return await this.work.run(contextOf(request, tenant), async (tx: TenantTx) => {
      const organization = await tx.queryOne<{ name: string }>(
        'SELECT name FROM tenants.organizations WHERE tenant_id = $1',
        [tx.tenantId],
      );
      const assets = await tx.query<{ code: string; issuer: string }>(
        'SELECT code, issuer FROM catalogue.assets WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code, issuer LIMIT $2',
        [tx.tenantId, ASSETS_MAX],
      );
      return { organizationName: organization?.name ?? tenant.name, assets };
    });
  }
}
