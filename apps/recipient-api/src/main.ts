import { Captcha } from '@libs/captcha';
import { SettingsError } from '@libs/config';
import { brokerOptionsOf, EventRuntime } from '@libs/eventing';
import { WrongNetworkError } from '@libs/ledger';
import { StellarReader } from '@libs/ledger-stellar/reader';
import {
  createLogger,
  httpMetrics,
  MetricsRegistry,
  observePool,
  runApp,
  startHealthServer,
} from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { RegistrationRepository } from '@libs/receivers';
import { captchaWithoutKeys, TenantIdsReadModel } from '@libs/tenants';

import { createRecipientServer } from './recipient-api';
import { readRecipientSettings } from './recipient-settings';
import { ForgetAttempts } from './registration/forget-attempts.job';
import { RegistrationReports } from './registration/registration-reports';
import { SystemClock } from './system-clock';

const GROUP = 'recipient-api';

runApp(async () => {
  const settings = readRecipientSettings();
  const logger = createLogger({ app: GROUP, level: settings.LOG_LEVEL });
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: GROUP,
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  const ledger = new StellarReader({
    horizonUrls: settings.HORIZON_URL,
    networkPassphrase: settings.NETWORK_PASSPHRASE,
  });
  await refuseWrongNetwork(ledger);
  const metrics = new MetricsRegistry();
  metrics.collectProcessMetrics();
  observePool(metrics, database.pool);
  // Without handlers it brings to the transport what registrations publish, and works by the clock.
  const runtime = new EventRuntime({
    database,
    group: GROUP,
    broker: brokerOptionsOf(settings),
    logger,
    metrics,
  });
  runtime.jobs.add(
    new ForgetAttempts({
      work: new UnitOfWork(database),
      tenants: new TenantIdsReadModel(),
      registrations: new RegistrationRepository(),
      days: settings.REGISTRATION_ATTEMPT_RETENTION_DAYS,
      logger,
    }),
  );
  const notReady = readinessOf(database, runtime, ledger);
  const server = await createRecipientServer({
    settings,
    database,
    clock: new SystemClock(),
    ledger,
    logger,
    httpMetrics: httpMetrics(metrics),
    reports: new RegistrationReports(logger, metrics),
    notReady,
  });
  const warnings = (): Promise<readonly string[]> =>
    captchaWithoutKeys(new UnitOfWork(database), server.get(Captcha));
  const health = await startHealthServer({
    app: GROUP,
    port: settings.RECIPIENT_METRICS_PORT,
    metrics,
    ready: notReady,
    warnings,
  });
  await runtime.start();
  await server.listen(settings.RECIPIENT_PORT, settings.BIND_HOST);
  for (const warning of await warnings()) logger.error({ warning }, 'an organisation cannot work');
  logger.info({ url: await server.getUrl() }, 'recipient-api serves wallets and recipients');

  return {
    stop: async () => {
      await server.close();
      await runtime.stop();
      await health.close();
      await database.close();
    },
  };
});

/** An unreachable ledger is an outage and shows in /ready; another network than ours is a mistake in the settings. */
async function refuseWrongNetwork(ledger: StellarReader): Promise<void> {
  try {
    await ledger.assertNetwork();
  } catch (error) {
    if (error instanceof WrongNetworkError) throw new SettingsError([`NETWORK_PASSPHRASE ${error.message}`]);
  }
}

const readinessOf =
  (database: Database, runtime: EventRuntime, ledger: StellarReader) =>
  async (): Promise<readonly string[]> => {
    const databaseAnswers = await database.pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const nodes = await ledger.nodes();
    const problems = nodes.every((node) => node.latest === null)
      ? nodes.map((node) => `${node.url}: ${node.problem ?? 'no answer'}`)
      : [];
    return [...(databaseAnswers ? [] : ['the database does not answer']), ...runtime.problems(), ...problems];
  };
