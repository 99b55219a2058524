import type { Clock } from '@libs/kernel';
import type { LedgerReader, LedgerSubmitter } from '@libs/ledger';
import type { Logger } from '@libs/observability';
import type { TenantContext, UnitOfWork } from '@libs/persistence';

/** What every part of the submission engine works with. */
export interface EngineContext {
  readonly instanceId: string;
  /** The application_name of our database sessions. */
  readonly sessionsName: string;
  readonly uow: UnitOfWork;
  readonly reader: LedgerReader;
  readonly submitter: LedgerSubmitter;
  readonly logger: Logger;
  readonly settings: EngineSettings;
}

export interface EngineSettings {
  readonly channelAccounts: number;
  readonly paymentsPerEnvelope: number;
  /** The most stroops that are bid per operation. */
  readonly maxBaseFee: bigint;
  /** How long an attempt can be applied, in seconds of ledger time after the last ledger: 60 to 120. */
  readonly lifetimeSeconds: number;
  /** How many accounts of recipients may be looked at before payments; ten times as many at once. 0: none. */
  readonly lookUpsPerSecond: number;
  readonly takeOverEveryMs: number;
  /** How long this instance may be silent before others count it as dead. */
  readonly expirySeconds: number;
}

export const ACTOR = 'system:transaction-submission';

export const asTenant = (tenantId: string, trace = ''): TenantContext => ({ tenantId, actor: ACTOR, trace });

/** Milliseconds that only move forward: for ages, never for dates. */
export type Monotonic = () => number;

export type { Clock };
