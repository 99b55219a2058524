import { z } from 'zod';

import {
  choice,
  flag,
  fraction,
  httpUrl,
  httpUrls,
  key32,
  keys32,
  optionalStellarSeed,
  optionalText,
  port,
  postgresUrl,
  stellarAccount,
  stellarSeed,
  text,
  whole,
} from './kinds';
import { setting } from './setting';

/** Every variable that any process of the platform reads. docs/environment.md is made from this table. */
export const SETTINGS = {
  // Every app
  DATABASE_URL: setting(postgresUrl, 'PostgreSQL, as the role of this app.', {
    secret: true,
    example: 'postgres://distributary_messaging:…@localhost:5432/distributary',
  }),
  DATABASE_CONNECTIONS_MAX: setting(
    whole({ min: 2, max: 200, fallback: 10 }),
    'The most connections that this process opens to PostgreSQL.',
  ),
  DATABASE_FAILOVER: setting(
    choice(['NONE', 'STANDBY'], 'NONE'),
    'What takes over when the database server is lost. STANDBY: a standby is promoted, so every commit must wait for it (synchronous_standby_names); transaction-submission refuses to start otherwise. NONE: nothing, or storage that is replicated by itself.',
  ),
  LOG_LEVEL: setting(
    choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'info'),
    'How much this process logs.',
  ),
  NETWORK_PASSPHRASE: setting(
    text,
    'The passphrase of the Stellar network; checked against the ledger at the start.',
  ),
  HORIZON_URL: setting(httpUrls, 'One or more Horizon servers, separated by commas.', {
    example: 'https://horizon-testnet.stellar.org',
  }),
  EVENT_BROKER_TYPE: setting(
    z
      .enum(['KAFKA', 'POSTGRES', 'SCHEDULER', 'NONE'], { error: 'must be KAFKA or POSTGRES' })
      .optional()
      .transform((value): 'KAFKA' | 'POSTGRES' => (value === 'KAFKA' ? 'KAFKA' : 'POSTGRES')),
    'What carries events: KAFKA, or POSTGRES alone (old names: SCHEDULER, NONE).',
  ),
  SINGLE_TENANT_MODE: setting(flag(false), 'The only tenant is used for every request that names none.'),

  // Ports
  PORT: setting(port(8000), 'Where dashboard-api serves staff (recipient-api: 8001 by RECIPIENT_PORT).'),
  ADMIN_PORT: setting(port(8003), 'Where dashboard-api serves the operator.'),
  METRICS_PORT: setting(port(8002), 'Where dashboard-api serves /metrics.'),
  RECIPIENT_PORT: setting(port(8001), 'Where recipient-api serves wallets and recipients.'),
  RECIPIENT_METRICS_PORT: setting(port(8004), 'Where recipient-api serves /metrics.'),
  CORE_PORT: setting(port(8005), 'Where disbursement-core serves /health, /ready and /metrics.'),
  MESSAGING_PORT: setting(
    port(8006),
    'Where messaging serves /health, /ready, /metrics and, with DRY_RUN senders, /outbox.',
  ),
  TSS_METRICS_PORT: setting(port(9002), 'Where transaction-submission serves /health, /ready and /metrics.'),
  BIND_HOST: setting(text.default('0.0.0.0'), 'The address that the public servers listen on.'),
  TRUSTED_PROXY_HOPS: setting(
    whole({ min: 0, max: 10, fallback: 0 }),
    'How many proxies in front are trusted to name the client address in X-Forwarded-For.',
  ),

  // Staff
  BASE_URL: setting(httpUrl, 'The origin of recipient-api as people reach it: links, SEP home domain.', {
    example: 'https://pay.example.org',
  }),
  SDP_UI_BASE_URL: setting(httpUrl, 'The origin of the staff screens, used in mails.', {
    example: 'https://staff.example.org',
  }),
  CORS_ALLOWED_ORIGINS: setting(
    text.default('*'),
    'Origins that may call the staff API from a browser, separated by commas.',
  ),
  RATE_LIMIT_REQUESTS: setting(
    whole({ min: 1, max: 1_000_000, fallback: 40 }),
    'How many requests an address may send to one path within the window, counted over all replicas.',
  ),
  RATE_LIMIT_WINDOW_SECONDS: setting(
    whole({ min: 1, max: 3600, fallback: 20 }),
    'The window of the rate limit. The same in all apps.',
  ),
  EC256_PRIVATE_KEY: setting(text, 'PEM of the P-256 key that signs staff tokens.', { secret: true }),
  ADMIN_ACCOUNT: setting(text, "The operator's user name (HTTP Basic)."),
  ADMIN_API_KEY: setting(
    text.min(12, 'must have at least 12 characters'),
    "The operator's password (HTTP Basic).",
    { secret: true },
  ),
  DISABLE_MFA: setting(flag(false), 'Sign-in without a second factor; refused on the public network.'),
  STEP_UP_MINUTES: setting(
    whole({ min: 0, max: 1440, fallback: 15 }),
    'How long a second factor stays fresh for what needs a fresh one (API keys, roles, security settings, large starts); 0 never asks. Where sign-in asks for no second factor this does not either.',
  ),
  EXPORT_SECONDS_MAX: setting(
    whole({ min: 1, max: 86_400, fallback: 900 }),
    'How long an export may take, to its last byte; it is broken off then. PostgreSQL keeps what is deleted meanwhile for as long.',
  ),
  DISABLE_RECAPTCHA: setting(
    flag(false),
    'No captcha on sign-in and registration, except where an organisation switches it on.',
  ),
  CAPTCHA_TYPE: setting(
    choice(['GOOGLE_RECAPTCHA_V2', 'GOOGLE_RECAPTCHA_V3'], 'GOOGLE_RECAPTCHA_V2'),
    'Which captcha is asked for.',
  ),
  RECAPTCHA_SITE_KEY: setting(
    optionalText,
    'The public key of the captcha. Needed unless `DISABLE_RECAPTCHA` is true and no organisation switches it on; the same for dashboard-api and recipient-api.',
  ),
  RECAPTCHA_SITE_SECRET_KEY: setting(
    optionalText,
    'The secret key of the captcha. Needed as `RECAPTCHA_SITE_KEY` is.',
    { secret: true },
  ),
  RECAPTCHA_V3_MIN_SCORE: setting(
    fraction(0.5),
    'Below this score, from 0 (a robot) to 1 (a person), version 3 refuses.',
  ),
  RECAPTCHA_VERIFY_URL: setting(
    httpUrl.default('https://www.google.com/recaptcha/api/siteverify'),
    'Where answers of the captcha are verified.',
  ),
  RESET_TOKEN_EXPIRATION_MINUTES: setting(
    whole({ min: 5, max: 1440, fallback: 20 }),
    'How long a link to set a password works.',
  ),

  // Recipients
  SEP10_SIGNING_PRIVATE_KEY: setting(
    stellarSeed,
    'The seed that signs SEP-10 challenges and registration links.',
    { secret: true },
  ),
  SEP24_JWT_SECRET: setting(
    text.min(32, 'must have at least 32 characters'),
    'Signs the tokens of wallets and of the registration page.',
    { secret: true },
  ),
  SEP10_CLIENT_ATTRIBUTION_REQUIRED: setting(flag(true), 'A wallet must name and prove its client domain.'),
  CLIENT_DOMAIN_ALLOW_PRIVATE: setting(
    flag(false),
    'Client domains may be private addresses and plain http; refused on the public network.',
  ),
  ALLOW_TEST_OTP: setting(flag(false), 'The code 000000 is accepted; refused on the public network.'),

  // Keys for stored values
  VERIFICATION_PEPPER: setting(
    key32,
    'Keys the HMAC of verification values, one-time and recovery codes, and the secrets of authenticator apps. A change makes them void: docs/keys.md.',
    { secret: true },
  ),
  MESSAGE_ENCRYPTION_KEY: setting(key32, 'Encrypts stored messages and uploaded files.', { secret: true }),
  MESSAGE_ENCRYPTION_KEYS_READABLE: setting(
    keys32,
    'Further keys, separated by commas, that messages and files may be encrypted under after MESSAGE_ENCRYPTION_KEY was changed.',
    { secret: true },
  ),

  // Messages
  SMS_SENDER_TYPE: setting(
    choice(['DRY_RUN'], 'DRY_RUN'),
    'Who sends SMS. DRY_RUN keeps them in an outbox on this machine; refused on the public network.',
  ),
  EMAIL_SENDER_TYPE: setting(choice(['DRY_RUN'], 'DRY_RUN'), 'Who sends e-mail. DRY_RUN as above.'),
  MESSAGES_IN_FLIGHT_MAX: setting(
    whole({ min: 1, max: 1000, fallback: 50 }),
    'How many messages are with the provider at once.',
  ),
  MESSAGE_RETENTION_DAYS: setting(
    whole({ min: 1, max: 3_650, fallback: 90 }),
    'For how long messages that have ended are kept, with the contact and the text they hold.',
  ),
  REGISTRATION_ATTEMPT_RETENTION_DAYS: setting(
    whole({ min: 1, max: 3_650, fallback: 30 }),
    'For how long it is kept that a stranger asked for a code with a contact that nobody knows.',
  ),
  MAX_INVITATION_RESEND_ATTEMPTS: setting(
    whole({ min: 0, max: 100, fallback: 3 }),
    'How often an unanswered invitation is sent again.',
  ),

  // Submission
  DISTRIBUTION_PUBLIC_KEY: setting(
    stellarAccount,
    'The address of the host account, the same for every app. DISTRIBUTION_SEED signs for it, which only transaction-submission or the signer holds.',
  ),
  DISTRIBUTION_SEED: setting(
    stellarSeed,
    'The seed of the host account, which tenants may share and which pays for channel accounts.',
    { secret: true },
  ),
  DISTRIBUTION_SEED_NEXT: setting(
    optionalStellarSeed,
    'The seed that is to sign for the host account from now on. Only `npm run distribution-account -- rotate-host` reads it.',
    { secret: true },
  ),
  KEY_ENCRYPTION_KEY: setting(key32, 'Encrypts ledger keys at rest.', { secret: true }),
  KEY_ENCRYPTION_KEYS_READABLE: setting(
    keys32,
    'Further keys, separated by commas, that ledger keys may be encrypted under while KEY_ENCRYPTION_KEY is changed.',
    { secret: true },
  ),
  SIGNER_SOCKET: setting(
    optionalText,
    'The unix socket of the signer process. With it, transaction-submission holds no seed: DISTRIBUTION_SEED and KEY_ENCRYPTION_KEY belong to the signer.',
    { example: 'the path of a socket in a folder that only its user can enter' },
  ),
  NUM_CHANNEL_ACCOUNTS: setting(
    whole({ min: 1, max: 1000, fallback: 2 }),
    'How many ledger transactions can be on their way at once.',
  ),
  INSTANCE_EXPIRY_SECONDS: setting(
    whole({ min: 1, max: 300, fallback: 15 }),
    'How long an instance of transaction-submission may be silent before others take over its channel accounts; it then has to start anew.',
  ),
  MAX_BASE_FEE: setting(
    whole({ min: 100, max: 100_000_000, fallback: 10_000 }),
    'The most stroops that are bid per operation; an organisation may have a lower limit of its own.',
  ),
  TENANT_XLM_BOOTSTRAP_AMOUNT: setting(
    whole({ min: 5, max: 1000, fallback: 5 }),
    'How many XLM the host account gives a new account of a tenant.',
  ),
  DESTINATION_LOOKUPS_PER_SECOND: setting(
    whole({ min: 0, max: 1_000, fallback: 2 }),
    'How many accounts of recipients may be looked up before payments, ten times as many at once; 0 leaves it to the ledger to find out who cannot be paid.',
  ),
  PAYMENTS_PER_ENVELOPE: setting(
    whole({ min: 1, max: 100, fallback: 100 }),
    'The most payments that may share a ledger transaction; an organisation may have a lower limit of its own.',
  ),

  // Kafka
  BROKER_URLS: setting(optionalText, 'Kafka brokers as host:port, separated by commas.', {
    example: 'kafka-0:9092,kafka-1:9092',
  }),
  KAFKA_SECURITY_PROTOCOL: setting(
    choice(['PLAINTEXT', 'SASL_PLAINTEXT', 'SASL_SSL', 'SSL'], 'PLAINTEXT'),
    'How to speak to the brokers; SSL and SASL_SSL check their certificate.',
  ),
  KAFKA_SASL_MECHANISM: setting(
    choice(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], 'PLAIN'),
    'How to sign in to the brokers with SASL_PLAINTEXT and SASL_SSL.',
  ),
  KAFKA_SASL_USERNAME: setting(optionalText, 'The user name at the brokers.'),
  KAFKA_SASL_PASSWORD: setting(optionalText, 'The password at the brokers.', { secret: true }),
  KAFKA_SSL_CA: setting(
    optionalText,
    'The authority that signed the certificates of the brokers: PEM, or the path of a PEM file. Without it, the authorities that Node trusts.',
  ),
  KAFKA_SSL_ACCESS_CERTIFICATE: setting(
    optionalText,
    'The certificate of this client for mutual TLS: PEM, or the path of a PEM file.',
  ),
  KAFKA_SSL_ACCESS_KEY: setting(
    optionalText,
    'The key of that certificate: PEM, or the path of a PEM file.',
    {
      secret: true,
    },
  ),

  // Standalone and migrations
  MIGRATION_DATABASE_URL: setting(
    postgresUrl,
    'PostgreSQL as the role that owns the tables and may create roles.',
    { secret: true },
  ),
  ROLE_PASSWORDS: setting(
    optionalText,
    'Passwords of the app roles: dashboardApi=…,recipientApi=…,disbursementCore=…,messaging=…,transactionSubmission=…',
    { secret: true },
  ),
  DATA_DIR: setting(
    optionalText,
    'Where the standalone system keeps its data, keys and logs; .data in the checkout when it is not set.',
  ),
  PORT_BASE: setting(
    port(8000),
    'Shifts every port of the standalone system: 8000 + k becomes PORT_BASE + k.',
  ),

  // Sandbox network
  SANDBOX_HOST: setting(text.default('127.0.0.1'), 'The address that the sandbox network listens on.'),
  SANDBOX_PORT: setting(port(8010), 'Where the sandbox network serves; 0 takes any free port.'),
  SANDBOX_DATA_DIR: setting(
    optionalText,
    'Where the sandbox network keeps its ledgers; in memory only when it is not set.',
  ),
  SANDBOX_CLOSE_MS: setting(
    whole({ min: 0, max: 600_000, fallback: 1000 }),
    'The sandbox network closes a ledger this often; 0 only when its control API asks for it.',
  ),
  SANDBOX_PASSPHRASE: setting(
    text.default('Distributary Sandbox Network ; 2026'),
    'The passphrase of the sandbox network.',
  ),
  SANDBOX_FRIENDBOT: setting(flag(true), 'The sandbox network funds new accounts on request.'),
  SANDBOX_LEDGER_CAPACITY: setting(
    whole({ min: 1, max: 100_000, fallback: 1000 }),
    'How many operations fit into one ledger of the sandbox network.',
  ),
  SANDBOX_SUBMIT_TIMEOUT_MS: setting(
    whole({ min: 1, max: 600_000, fallback: 30_000 }),
    'How long a submission to the sandbox network waits for its ledger before it is answered with 504.',
  ),
  SANDBOX_STREAM_TICK_MS: setting(
    whole({ min: 10, max: 60_000, fallback: 5000 }),
    'How often streams of the sandbox network look for news.',
  ),
  SANDBOX_NODES: setting(
    whole({ min: 1, max: 9, fallback: 1 }),
    'How many Horizon servers the sandbox network has: the second one is below /nodes/2, all by turns below /nodes/any.',
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
