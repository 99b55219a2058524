import { SettingsError, type SettingsOf } from '@libs/config';
import fs from 'node:fs';

export interface KafkaBrokerOptions {
  readonly type: 'KAFKA';
  /** `host:port` */
  readonly brokers: readonly string[];
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** How long the broker waits for a sign of life of a replica; 10 s when it is left out. */
  readonly sessionTimeoutMs?: number;
  /** How long a consumer may give no sign of life before it is made anew; 60 s when it is left out. */
  readonly silenceMs?: number;
  /** PEM texts. Present when the connection is encrypted. */
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string };
}

export type BrokerOptions = { readonly type: 'POSTGRES' } | KafkaBrokerOptions;

/** Add these to the settings that an app reads: `readSettings([...BROKER_SETTINGS, 'DATABASE_URL'] as const)`. */
export const BROKER_SETTINGS = [
  'EVENT_BROKER_TYPE',
  'BROKER_URLS',
  'KAFKA_SECURITY_PROTOCOL',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
  'KAFKA_SSL_CA',
  'KAFKA_SSL_ACCESS_CERTIFICATE',
  'KAFKA_SSL_ACCESS_KEY',
] as const;

export type BrokerSettings = SettingsOf<typeof BROKER_SETTINGS>;

const MECHANISMS = {
  PLAIN: 'plain',
  'SCRAM-SHA-256': 'scram-sha-256',
  'SCRAM-SHA-512': 'scram-sha-512',
} as const;

/** Throws one `SettingsError` that names each variable which is missing or does not go with the others. */
export function brokerOptionsOf(settings: BrokerSettings): BrokerOptions {
  if (settings.EVENT_BROKER_TYPE === 'POSTGRES') return { type: 'POSTGRES' };
  const problems: string[] = [];
  const options: KafkaBrokerOptions = {
    type: 'KAFKA',
    brokers: brokersOf(settings, problems),
    ...saslOf(settings, problems),
    ...tlsOf(settings, problems),
  };
  if (problems.length > 0) throw new SettingsError(problems);
  return options;
}

const BROKER = /^(\[[0-9a-fA-F:]+\]|[^\s:,/]+):[0-9]{1,5}$/;

function brokersOf({ BROKER_URLS: urls }: BrokerSettings, problems: string[]): string[] {
  const brokers = (urls ?? '').split(',').map((one) => one.trim());
  if (urls === undefined) problems.push('BROKER_URLS is required with EVENT_BROKER_TYPE=KAFKA');
  else if (!brokers.every((one) => BROKER.test(one)))
    problems.push('BROKER_URLS must be host:port, separated by commas');
  return brokers;
}

function saslOf(settings: BrokerSettings, problems: string[]): Pick<KafkaBrokerOptions, 'sasl'> {
  const { KAFKA_SECURITY_PROTOCOL: protocol } = settings;
  if (protocol !== 'SASL_PLAINTEXT' && protocol !== 'SASL_SSL') return {};
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (username === undefined) problems.push(`KAFKA_SASL_USERNAME is required with ${protocol}`);
  if (password === undefined) problems.push(`KAFKA_SASL_PASSWORD is required with ${protocol}`);
  if (username === undefined || password === undefined) return {};
  return { sasl: { mechanism: MECHANISMS[settings.KAFKA_SASL_MECHANISM], username, password } };
}

function tlsOf(settings: BrokerSettings, problems: string[]): Pick<KafkaBrokerOptions, 'tls'> {
  const { KAFKA_SECURITY_PROTOCOL: protocol } = settings;
  if (protocol !== 'SSL' && protocol !== 'SASL_SSL') return {};
  const ca = pemOf('KAFKA_SSL_CA', settings, problems);
  const certificate = pemOf('KAFKA_SSL_ACCESS_CERTIFICATE', settings, problems);
  const key = pemOf('KAFKA_SSL_ACCESS_KEY', settings, problems);
  if ((certificate === undefined) !== (key === undefined)) {
    problems.push('KAFKA_SSL_ACCESS_CERTIFICATE and KAFKA_SSL_ACCESS_KEY go together');
  }
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(key === undefined ? {} : { key }),
    },
  };
}

type PemSetting = 'KAFKA_SSL_CA' | 'KAFKA_SSL_ACCESS_CERTIFICATE' | 'KAFKA_SSL_ACCESS_KEY';

/** Some places can only pass one line, so `\n` may stand for an end of line. */
function pemOf(name: PemSetting, settings: BrokerSettings, problems: string[]): string | undefined {
  const given = settings[name];
  if (given === undefined) return undefined;
  if (given.includes('-----BEGIN')) return given.replaceAll('\\n', '\n');
  try {
    return fs.readFileSync(given, 'utf8');
  } catch {
    problems.push(`${name} must be PEM or the path of a file that can be read`);
    return undefined;
  }
}
