import { Captcha } from '@libs/captcha';
import { RateLimitRepository } from '@libs/http';
import { Clock } from '@libs/kernel';
import { LedgerReader } from '@libs/ledger';
import type { HttpMetrics, Logger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { TenantDirectory, TenantsRepository } from '@libs/tenants';
import { type DynamicModule, Global, Module } from '@nestjs/common';

import { type RecipientSettings, SETTINGS } from './recipient-settings';
import { RegistrationReports } from './registration/registration-reports';
import { RequestTenant } from './tenancy/request-tenant.service';
import { WalletTokens } from './tokens/wallet-tokens';

/** What the whole process shares, made once at its start. */
export interface Platform {
  readonly settings: RecipientSettings;
  readonly database: Database;
  readonly clock: Clock;
  readonly ledger: LedgerReader;
  readonly logger: Logger;
  readonly httpMetrics: HttpMetrics;
  readonly reports: RegistrationReports;
  /** Why this process cannot serve now; empty when it can. */
  readonly notReady: () => Promise<readonly string[]>;
}

/** Hands the shared parts to every module, by their class; the settings by `SETTINGS`. */
@Global()
@Module({})
export class PlatformModule {
  static with(platform: Platform): DynamicModule {
    const { settings, database, clock, ledger } = platform;
    const work = new UnitOfWork(database);
    const tenants = new TenantsRepository();
    const directory = new TenantDirectory(tenants, { singleTenantMode: settings.SINGLE_TENANT_MODE });
    const providers = [
      { provide: SETTINGS, useValue: settings },
      { provide: Database, useValue: database },
      { provide: UnitOfWork, useValue: work },
      { provide: Clock, useValue: clock },
      { provide: Captcha, useValue: new Captcha(settings) },
      { provide: LedgerReader, useValue: ledger },
      { provide: RegistrationReports, useValue: platform.reports },
      { provide: RateLimitRepository, useValue: new RateLimitRepository(database) },
      { provide: RequestTenant, useValue: new RequestTenant({ work, tenants, directory }) },
      { provide: WalletTokens, useValue: new WalletTokens(settings.SEP24_JWT_SECRET, clock) },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
