import { childEnvironment, type SettingTexts } from '@libs/config';
import type { AppName } from '@libs/persistence';

import { LedgerKey } from '../stellar/ledger-key';
import { type Installation, localUrl, NETWORK_PASSPHRASE, recipientOrigin } from './installation';

/** Enough channel accounts that a thousand payments, one per ledger transaction, need some ten ledgers. */
const CHANNEL_ACCOUNTS = '100';

/** The environment of one app: addresses, and of the keys only those that docs/keys.md gives it. */
export function appEnvironment(app: AppName, installation: Installation): Record<string, string> {
  return {
    ...childEnvironment({
      fixed: {
        ...common(installation),
        ...ownSettings(app, installation),
        DATABASE_URL: installation.database.urlOf(app),
      },
      defaults: { LOG_LEVEL: 'info', NUM_CHANNEL_ACCOUNTS: CHANNEL_ACCOUNTS, BIND_HOST: '127.0.0.1' },
    }),
    ...nodeEnvironment(installation),
  };
}

/** Compiled code is kept, so that the second start is faster; two warnings of libraries that help nobody are off. */
export function nodeEnvironment({ data }: Pick<Installation, 'data'>): Record<string, string> {
  return {
    NODE_COMPILE_CACHE: data.compileCache,
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
  };
}

function common({ ports, kafka }: Installation): SettingTexts {
  return {
    NETWORK_PASSPHRASE,
    HORIZON_URL: localUrl(ports.sandbox),
    SINGLE_TENANT_MODE: 'true',
    EVENT_BROKER_TYPE: kafka ? 'KAFKA' : 'POSTGRES',
    ...(kafka ? { BROKER_URLS: `127.0.0.1:${String(ports.broker)}` } : {}),
    BASE_URL: recipientOrigin(ports),
    SDP_UI_BASE_URL: `http://localhost:${String(ports.staff)}`,
  };
}

function ownSettings(app: AppName, { ports, data: { keys } }: Installation): SettingTexts {
  switch (app) {
    case 'dashboardApi':
      return {
        PORT: String(ports.staff),
        ADMIN_PORT: String(ports.operator),
        METRICS_PORT: String(ports.staffMetrics),
        EC256_PRIVATE_KEY: keys.staffTokenKey,
        DISTRIBUTION_PUBLIC_KEY: LedgerKey.fromSecret(keys.hostAccountSeed).address,
        ADMIN_ACCOUNT: keys.operatorName,
        ADMIN_API_KEY: keys.operatorPassword,
        DISABLE_MFA: 'true',
        DISABLE_RECAPTCHA: 'true',
        CLIENT_DOMAIN_ALLOW_PRIVATE: 'true',
        VERIFICATION_PEPPER: keys.verificationPepper,
        MESSAGE_ENCRYPTION_KEY: keys.messageKey,
      };
    case 'recipientApi':
      return {
        RECIPIENT_PORT: String(ports.recipients),
        RECIPIENT_METRICS_PORT: String(ports.recipientMetrics),
        SEP10_SIGNING_PRIVATE_KEY: keys.webAuthSeed,
        SEP24_JWT_SECRET: keys.walletTokenSecret,
        SEP10_CLIENT_ATTRIBUTION_REQUIRED: 'true',
        CLIENT_DOMAIN_ALLOW_PRIVATE: 'true',
        DISABLE_RECAPTCHA: 'true',
        VERIFICATION_PEPPER: keys.verificationPepper,
        MESSAGE_ENCRYPTION_KEY: keys.messageKey,
        // The simulated people name their address as the one proxy in front of a real installation would.
        TRUSTED_PROXY_HOPS: '1',
      };
    case 'disbursementCore':
      return { CORE_PORT: String(ports.core) };
    case 'messaging':
      return {
        MESSAGING_PORT: String(ports.messaging),
        SEP10_SIGNING_PRIVATE_KEY: keys.webAuthSeed,
        MESSAGE_ENCRYPTION_KEY: keys.messageKey,
        SMS_SENDER_TYPE: 'DRY_RUN',
        EMAIL_SENDER_TYPE: 'DRY_RUN',
      };
    case 'transactionSubmission':
      return {
        TSS_METRICS_PORT: String(ports.submission),
        DISTRIBUTION_SEED: keys.hostAccountSeed,
        KEY_ENCRYPTION_KEY: keys.vaultKey,
      };
  }
}
