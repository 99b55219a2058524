import { SettingsError } from '@libs/config';
import { brokerOptionsOf, EventRuntime, Outbox } from '@libs/eventing';
import { newId } from '@libs/kernel';
import { type AccountKey, WrongNetworkError } from '@libs/ledger';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { StellarSubmitter } from '@libs/ledger-stellar/submitter';
import {
  type HealthServer,
  type Logger,
  MetricsRegistry,
  observePool,
  startHealthServer,
} from '@libs/observability';
import { type Database, Listener, UnitOfWork } from '@libs/persistence';
import {
  AccountRequestRepository,
  ChannelMaintenanceLock,
  InstanceSession,
  KeyRotationRepository,
  VaultRepository,
} from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';

import { AccountRequestsService } from './accounts/account-requests.service';
import { OnLedgerAccountRequestedHandler } from './accounts/on-ledger-account-requested.handler';
import { type AssembledEngine, assembleEngine } from './engine-assembly';
import type { EngineContext } from './engine-context';
import { hostAccountProblems } from './keys/host-account-problems';
import { observeKeyRotations } from './keys/key-metrics';
import type { LedgerKeys } from './keys/ledger-keys.port';
import { openKeys } from './keys/open-keys';
import { canPayWith } from './keys/signing-power';
import type { CallsPerPayment } from './ledger/calls-per-payment';
import { openNodes } from './ledger/open-nodes';
import { countingLogger } from './log-counts';
import { readyToPayHandler } from './payments/ready-to-pay-assembly';
import { reconcilerWork } from './reconciler/reconciler-work';
import { RepeatedWork } from './repeated-work';
import { assertDurable } from './restore/durability';
import { openSubmissionDatabase } from './submission-database';
import type { SubmissionSettings } from './submission-settings';
import { SystemClock } from './system-clock';

const APP = 'transaction-submission';
const LEDGER_POLL_MS = 250;
const LIFETIME_SECONDS = 90;
const TAKE_OVER_EVERY_MS = 5_000;
const ACCOUNTS_EVERY_MS = 2_000;
const HOLD_REVIEW_EVERY_MS = 15_000;
const CREATION_RETRY_MS = 5_000;
const STROOPS_PER_XLM = 10_000_000n;

export interface SubmissionApp {
  /** Where /health, /ready and /metrics are served. */
  readonly port: number;
  /** Signs nothing more, records what was sent, gives the channel accounts back and closes everything. */
  stop(): Promise<void>;
}

interface Connections {
  readonly database: Database;
  readonly uow: UnitOfWork;
  readonly keys: LedgerKeys;
  readonly reader: StellarReader;
  readonly submitter: StellarSubmitter;
  readonly metrics: MetricsRegistry;
  readonly perPayment: CallsPerPayment;
  readonly sessionsName: string;
  readonly instanceId: string;
}

/** Starts the whole app: the only process with keys that move money. */
export async function startSubmission(
  settings: SubmissionSettings,
  plainLogger: Logger,
  onDeclaredDead: () => void = endProcess,
): Promise<SubmissionApp> {
  const metrics = new MetricsRegistry();
  const logger = countingLogger(plainLogger, metrics);
  const connections = await connect(settings, logger, metrics);
  const { database, reader, submitter, keys } = connections;
  for (const problem of await hostProblems(connections))
    logger.error({ problem }, 'payments of tenants wait');
  const context = contextOf(settings, logger, connections);
  const outbox = new Outbox();
  const assembled = assembleEngine(context, {
    keys,
    outbox,
    metrics,
    perPayment: connections.perPayment,
    ledgerPollMs: LEDGER_POLL_MS,
    maintenance: new ChannelMaintenanceLock({
      url: settings.DATABASE_URL,
      applicationName: connections.sessionsName,
    }),
    onDeclaredDead,
  });
  const runtime = runtimeOf(settings, logger, connections);
  const accounts = accountsOf({ settings, context, keys, outbox, assembled });
  const work = repeatedWork(context, assembled, accounts, connections);
  const listener = new Listener({
    url: settings.DATABASE_URL,
    applicationName: connections.sessionsName,
    channels: ['submissions_queued', 'submissions_accounts'],
    wake: (channel) => {
      if (channel === 'submissions_accounts') work.accounts.wake();
      else assembled.engine.wake();
    },
  });
  const health = await serveHealth(settings, { connections, runtime, assembled });
  const session = sessionOf(settings, connections);
  // The lock comes before the first heartbeat: a row without its lock looks like a death.
  await session.start();
  await assembled.leases.beat();
  assembled.leases.start();
  assembled.feed.start(() => {
    assembled.watch.advance();
  });
  assembled.watch.start();
  assembled.engine.start();
  for (const one of Object.values(work)) one.start();
  listener.start();
  await runtime.start();
  logger.info({ port: health.port, instanceId: context.instanceId }, 'transaction-submission has started');
  return {
    port: health.port,
    stop: async () => {
      await runtime.stop();
      await listener.stop();
      for (const one of Object.values(work)) await one.stop();
      await assembled.engine.stop();
      assembled.watch.stop();
      await assembled.feed.stop();
      await assembled.leases.stop();
      await session.stop();
      await health.close();
      await keys.close();
      await database.close();
      reader.close();
      submitter.close();
    },
  };
}

const sessionOf = (
  { DATABASE_URL: url }: SubmissionSettings,
  { sessionsName, instanceId }: Connections,
): InstanceSession => new InstanceSession({ url, sessionsName, instanceId });

/** Nothing in memory is worth keeping, and nothing may be written: whoever runs this process starts it again. */
const endProcess = (): void => {
  process.exit(1);
};

async function connect(
  settings: SubmissionSettings,
  logger: Logger,
  metrics: MetricsRegistry,
): Promise<Connections> {
  const instanceId = newId();
  // PostgreSQL cuts names at 63 bytes; the end of a UUIDv7 is what differs between instances.
  const sessionsName = `${APP} ${instanceId}`;
  const { horizon, perPayment } = openNodes(settings, metrics);
  const reader = new StellarReader(horizon);
  await refuseWrongNetwork(reader);
  const database = openSubmissionDatabase({
    url: settings.DATABASE_URL,
    applicationName: sessionsName,
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  await assertDurable(database, settings, logger);
  metrics.collectProcessMetrics();
  observePool(metrics, database.pool);
  const uow = new UnitOfWork(database);
  observeKeyRotations(metrics, uow, new KeyRotationRepository());
  const keys = await openKeys(settings.keys, uow);
  await refusePowerlessKey(reader, keys.host);
  const submitter = new StellarSubmitter({ ...horizon, signer: keys });
  return { database, uow, keys, reader, submitter, metrics, perPayment, sessionsName, instanceId };
}

/** An unreachable ledger is an outage and shows in /ready; another network than ours is a mistake in the settings. */
async function refuseWrongNetwork(reader: StellarReader): Promise<void> {
  try {
    await reader.assertNetwork();
  } catch (error) {
    if (error instanceof WrongNetworkError) throw new SettingsError([`NETWORK_PASSPHRASE: ${error.message}`]);
  }
}

/** An instance that was started with the seed of yesterday would only collect refusals. */
async function refusePowerlessKey(reader: StellarReader, { account, key }: AccountKey): Promise<void> {
  const seen = await reader.account(account).catch(() => null);
  if (seen === null || canPayWith(seen, key)) return;
  throw new SettingsError([
    `DISTRIBUTION_SEED is the seed of ${key}, which may not sign for the host account ${account}`,
  ]);
}

const hostProblems = async ({ uow, keys }: Connections): Promise<readonly string[]> =>
  await hostAccountProblems(uow, new TenantsRepository(), keys.host.account);

const contextOf = (
  settings: SubmissionSettings,
  logger: Logger,
  connections: Connections,
): EngineContext => ({
  instanceId: connections.instanceId,
  sessionsName: connections.sessionsName,
  uow: connections.uow,
  reader: connections.reader,
  submitter: connections.submitter,
  logger,
  settings: {
    channelAccounts: settings.NUM_CHANNEL_ACCOUNTS,
    paymentsPerEnvelope: settings.PAYMENTS_PER_ENVELOPE,
    maxBaseFee: BigInt(settings.MAX_BASE_FEE),
    lifetimeSeconds: LIFETIME_SECONDS,
    lookUpsPerSecond: settings.DESTINATION_LOOKUPS_PER_SECOND,
    takeOverEveryMs: Math.min(TAKE_OVER_EVERY_MS, (settings.INSTANCE_EXPIRY_SECONDS * 1_000) / 3),
    expirySeconds: settings.INSTANCE_EXPIRY_SECONDS,
  },
});

function runtimeOf(settings: SubmissionSettings, logger: Logger, connections: Connections): EventRuntime {
  const { database, metrics } = connections;
  const runtime = new EventRuntime({
    database,
    group: APP,
    broker: brokerOptionsOf(settings),
    logger,
    metrics,
  });
  runtime.addHandler(readyToPayHandler(logger));
  runtime.addHandler(new OnLedgerAccountRequestedHandler(new AccountRequestRepository(), new Outbox()));
  return runtime;
}

interface AccountsParts {
  readonly settings: SubmissionSettings;
  readonly context: EngineContext;
  readonly keys: LedgerKeys;
  readonly outbox: Outbox;
  readonly assembled: AssembledEngine;
}

const accountsOf = ({ settings, context, keys, outbox, assembled }: AccountsParts): AccountRequestsService =>
  new AccountRequestsService(context, {
    requests: new AccountRequestRepository(),
    tenants: new TenantsRepository(),
    vault: new VaultRepository(),
    keys,
    setup: assembled.setup,
    outbox,
    startingBalance: BigInt(settings.TENANT_XLM_BOOTSTRAP_AMOUNT) * STROOPS_PER_XLM,
  });

function repeatedWork(
  context: EngineContext,
  { population, engine, watch, review }: AssembledEngine,
  accounts: AccountRequestsService,
  { keys, metrics }: Connections,
): Readonly<Record<'accounts' | 'holds' | 'channels' | 'reconciler', RepeatedWork>> {
  const { logger } = context;
  return {
    accounts: new RepeatedWork({
      name: 'ledger accounts',
      everyMs: ACCOUNTS_EVERY_MS,
      logger,
      run: () => accounts.run(),
    }),
    holds: new RepeatedWork({
      name: 'hold review',
      everyMs: HOLD_REVIEW_EVERY_MS,
      logger,
      run: () => review.run(),
    }),
    channels: new RepeatedWork({
      name: 'channel accounts',
      everyMs: CREATION_RETRY_MS,
      logger,
      run: async () => {
        if (await population.keepUp()) engine.takeOverSoon();
      },
    }),
    reconciler: reconcilerWork(context, {
      host: keys.host.account,
      newest: () => watch.latest,
      metrics,
      clock: new SystemClock(),
    }),
  };
}

async function serveHealth(
  settings: SubmissionSettings,
  parts: {
    readonly connections: Connections;
    readonly runtime: EventRuntime;
    readonly assembled: AssembledEngine;
  },
): Promise<HealthServer> {
  const { connections, runtime, assembled } = parts;
  return await startHealthServer({
    app: APP,
    port: settings.TSS_METRICS_PORT,
    metrics: connections.metrics,
    // What belongs to other organisations is paid meanwhile, so this is ready.
    warnings: () => hostProblems(connections),
    ready: async () => {
      const databaseProblems = await connections.database.pool.query('SELECT 1').then(
        () => [],
        () => ['the database does not answer'],
      );
      return [
        ...databaseProblems,
        ...runtime.problems(),
        ...assembled.watch.problems(),
        ...assembled.engine.problems(),
        ...connections.keys.problems(),
      ];
    },
  });
}
