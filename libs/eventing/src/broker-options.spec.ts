import { readSettings, SettingsError } from '@libs/config';

import { BROKER_SETTINGS, type BrokerOptions, brokerOptionsOf } from './broker-options';

const optionsFor = (environment: Record<string, string>): BrokerOptions =>
  brokerOptionsOf(readSettings(BROKER_SETTINGS, environment));

function problemsFor(environment: Record<string, string>): readonly string[] {
  try {
    optionsFor(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

const PEM = '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----';

describe('what carries events, by the environment', () => {
  it.each([
    {},
    { EVENT_BROKER_TYPE: 'POSTGRES' },
    { EVENT_BROKER_TYPE: 'SCHEDULER' },
    { EVENT_BROKER_TYPE: 'NONE' },
  ])('is PostgreSQL alone with %o', (environment) => {
    expect(optionsFor(environment)).toEqual({ type: 'POSTGRES' });
  });

  it('is Kafka with all its security settings', () => {
    const options = optionsFor({
      EVENT_BROKER_TYPE: 'KAFKA',
      BROKER_URLS: 'kafka-0:9092, kafka-1.example.org:9093,[::1]:9092',
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_SASL_USERNAME: 'alice',
      KAFKA_SASL_PASSWORD: 'secret',
      KAFKA_SSL_CA: PEM,
      KAFKA_SSL_ACCESS_CERTIFICATE: PEM,
      KAFKA_SSL_ACCESS_KEY: PEM,
    });
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(options).toEqual({
      type: 'KAFKA',
      brokers: ['kafka-0:9092', 'kafka-1.example.org:9093', '[::1]:9092'],
      sasl: { mechanism: 'scram-sha-256', username: 'alice', password: 'secret' },
      tls: { ca: pem, certificate: pem, key: pem },
    });
  });

  it('needs no SASL and no TLS settings for PLAINTEXT, and ignores them there', () => {
    const plain = { EVENT_BROKER_TYPE: 'KAFKA', BROKER_URLS: 'kafka:9092', KAFKA_SASL_USERNAME: 'alice' };
    expect(optionsFor(plain)).toEqual({ type: 'KAFKA', brokers: ['kafka:9092'] });
  });

  it('names every setting that is missing or does not go with the others, and repeats no secret', () => {
    expect(problemsFor({ EVENT_BROKER_TYPE: 'KAFKA' })).toEqual([
      'BROKER_URLS is required with EVENT_BROKER_TYPE=KAFKA',
    ]);
    const problems = problemsFor({
      EVENT_BROKER_TYPE: 'KAFKA',
      BROKER_URLS: 'http://kafka:9092',
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_PASSWORD: 'the-secret',
      KAFKA_SSL_CA: 'no/such/file.pem',
      KAFKA_SSL_ACCESS_KEY: PEM,
    });
    expect(problems).toEqual([
      'BROKER_URLS must be host:port, separated by commas',
      'KAFKA_SASL_USERNAME is required with SASL_SSL',
      'KAFKA_SSL_CA must be PEM or the path of a file that can be read',
      'KAFKA_SSL_ACCESS_CERTIFICATE and KAFKA_SSL_ACCESS_KEY go together',
    ]);
    expect(problems.join()).not.toContain('the-secret');
  });
});
