import { setFlagsFromString } from 'node:v8';

import { Captcha } from '@libs/captcha';
import { AssetsRepository } from '@libs/catalogue';
import { SettingsError } from '@libs/config';
import { brokerOptionsOf, EventRuntime, Outbox } from '@libs/eventing';
import { releaseVersion } from '@libs/http';
import { AuditLogRepository } from '@libs/identity';
import { WrongNetworkError } from '@libs/ledger';
import {
  createLogger,
  httpMetrics,
  MetricsRegistry,
  observePool,
  startHealthServer,
} from '@libs/observability';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { Database, UnitOfWork } from '@libs/persistence';
import { captchaWithoutKeys, LedgerAccountRequestsRepository } from '@libs/tenants';

import { CatalogueUse } from './catalogue/catalogue-use.read-model';
import { createOperatorServer, createStaffServer } from './dashboard-api';
import { NetworkCheck } from './ledger/network-check';
import type { Platform } from './platform.module';
import { LedgerAccountReadyHandler } from './provisioning/ledger-account-ready.handler';
import { LedgerAccounts } from './provisioning/ledger-accounts.service';
import { Provisioning } from './provisioning/provisioning.service';
import { reasonsNotToServe } from './readiness';
import { UploadSweep } from './disbursements/upload-sweep.service';
import { readStaffSettings } from './staff-settings';
import { SystemClock } from './system-clock';

const DRAIN_MS = 8_000;
// V8 takes the rows of a file for lasting ones, as many are waiting when it first looks, and from then on makes them where garbage stays
// until all of the heap is collected: some 200 MB of a million rows.
setFlagsFromString('--no-allocation-site-pretenuring');

const readyHandler = (
  provisioning: Provisioning,
  ledgerAccounts: LedgerAccounts,
): LedgerAccountReadyHandler =>
  new LedgerAccountReadyHandler(
    new LedgerAccountRequestsRepository(),
    provisioning,
    new AssetsRepository(),
    new CatalogueUse(),
    new AuditLogRepository(),
    ledgerAccounts,
  );

/** The sweep takes its turns by the clock, and whenever more is left than one turn takes away. */
function sweepByClock({ jobs }: EventRuntime, sweep: UploadSweep): void {
  const { jobName: name, everyMs } = UploadSweep;
  jobs.add({ name, everyMs, run: () => sweep.run() });
  sweep.wake = () => {
    jobs.wake(name);
  };
}

/** What the operator has to look after while this serves: in the log now, and at /ready whenever that is asked. */
async function toldWarnings(
  { unitOfWork, logger }: Platform,
  captcha: Captcha,
): Promise<() => Promise<readonly string[]>> {
  const look = (): Promise<readonly string[]> => captchaWithoutKeys(unitOfWork, captcha);
  for (const warning of await look()) logger.error({ warning }, 'an organisation cannot work');
  return look;
}

async function main(): Promise<void> {
  const settings = readStaffSettings();
  const logger = createLogger({ app: 'dashboard-api', level: settings.LOG_LEVEL });
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: 'dashboard-api',
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  const ledger = new StellarReader({
    horizonUrls: settings.HORIZON_URL,
    networkPassphrase: settings.NETWORK_PASSPHRASE,
  });
  const network = new NetworkCheck(ledger);
  await network.look();
  const metrics = new MetricsRegistry();
  metrics.collectProcessMetrics();
  observePool(metrics, database.pool);
  const platform: Platform = {
    settings,
    database,
    unitOfWork: new UnitOfWork(database),
    clock: new SystemClock(),
    outbox: new Outbox(),
    ledger,
    logger,
    httpMetrics: httpMetrics(metrics),
  };
  const staff = await createStaffServer(platform);
  await staff.listen(settings.PORT, settings.BIND_HOST);
  const operator = await createOperatorServer(platform);
  await operator.listen(settings.ADMIN_PORT, settings.BIND_HOST);
  const runtime = new EventRuntime({
    database,
    group: 'dashboard-api',
    broker: brokerOptionsOf(settings),
    logger,
    metrics,
  });
  runtime.addHandler(readyHandler(staff.get(Provisioning), staff.get(LedgerAccounts)));
  sweepByClock(runtime, staff.get(UploadSweep));
  await runtime.start();
  const warnings = await toldWarnings(platform, staff.get(Captcha));
  const health = await startHealthServer({
    app: 'dashboard-api',
    port: settings.METRICS_PORT,
    version: releaseVersion(),
    ready: async () => [
      ...(await reasonsNotToServe(database)),
      ...(await network.reasons()),
      ...runtime.problems(),
    ],
    warnings,
    metrics,
  });
  logger.info(
    { staff: await staff.getUrl(), operator: await operator.getUrl(), metricsPort: health.port },
    'dashboard-api serves',
  );

  const drain = async (): Promise<void> => {
    // What is still in flight after this is cut: the supervisor would kill it a moment later anyway.
    const cut = setTimeout(() => process.exit(0), DRAIN_MS);
    await Promise.all([staff.close(), operator.close()]);
    await runtime.stop();
    await health.close();
    await database.close();
    clearTimeout(cut);
    logger.info({}, 'dashboard-api stopped');
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void drain());
}

main().catch((error: unknown) => {
  const isExpected = error instanceof SettingsError || error instanceof WrongNetworkError;
  process.stderr.write(
    `${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
});
