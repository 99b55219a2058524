import { Captcha } from '@libs/captcha';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { RateLimitRepository } from '@libs/http';
import { Clock } from '@libs/kernel';
import { LedgerReader } from '@libs/ledger';
import type { HttpMetrics, Logger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';

import { Outbox } from '@libs/eventing';
import { LedgerAccounts } from './provisioning/ledger-accounts.service';
import { makeProvisioning } from './provisioning/make-provisioning';
import { Provisioning } from './provisioning/provisioning.service';
import { StaffMail } from './provisioning/staff-mail.service';
import type { StaffSettings } from './staff-settings';

/** What the two servers of this process share, made once at its start. */
export interface Platform {
  readonly settings: StaffSettings;
  readonly database: Database;
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly ledger: LedgerReader;
  readonly logger: Logger;
  readonly httpMetrics: HttpMetrics;
  /** How long a call waits for a ledger account; 30 seconds when it is left out. */
  readonly ledgerPatienceMs?: number;
  /** How long the body of an upload may say nothing; 30 seconds when it is left out. */
  readonly uploadStallMs?: number;
  /** How long the client of an export may take nothing; a minute when it is left out. */
  readonly exportStallMs?: number;
}

const UPLOAD_STALL_MS_DEFAULT = 30_000;
const EXPORT_STALL_MS_DEFAULT = 60_000;

export const LOGGER = Symbol('logger of dashboard-api');
export const UPLOAD_STALL_MS = Symbol('how long the body of an upload may say nothing');
export const EXPORT_STALL_MS = Symbol('how long the client of an export may take nothing');
export const SETTINGS = Symbol('settings of dashboard-api');

/** Hands the shared parts to every module, by their class; the settings by `SETTINGS`. */
@Global()
@Module({})
export class PlatformModule {
  static with(platform: Platform): DynamicModule {
    const { provisioning, ledgerAccounts, mail } = makeProvisioning({
      unitOfWork: platform.unitOfWork,
      outbox: platform.outbox,
      networkPassphrase: platform.settings.NETWORK_PASSPHRASE,
      hostAccount: platform.settings.DISTRIBUTION_PUBLIC_KEY,
      messageKey: platform.settings.MESSAGE_ENCRYPTION_KEY,
      ledgerPatienceMs: platform.ledgerPatienceMs,
    });
    const providers = [
      { provide: SETTINGS, useValue: platform.settings },
      { provide: UPLOAD_STALL_MS, useValue: platform.uploadStallMs ?? UPLOAD_STALL_MS_DEFAULT },
      { provide: EXPORT_STALL_MS, useValue: platform.exportStallMs ?? EXPORT_STALL_MS_DEFAULT },
      { provide: LOGGER, useValue: platform.logger },
      { provide: LedgerReader, useValue: platform.ledger },
      { provide: Outbox, useValue: platform.outbox },
      { provide: Provisioning, useValue: provisioning },
      { provide: LedgerAccounts, useValue: ledgerAccounts },
      { provide: StaffMail, useValue: mail },
      { provide: Database, useValue: platform.database },
      { provide: UnitOfWork, useValue: platform.unitOfWork },
      { provide: Clock, useValue: platform.clock },
      { provide: Captcha, useValue: new Captcha(platform.settings) },
      { provide: RateLimitRepository, useValue: new RateLimitRepository(platform.database) },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}
