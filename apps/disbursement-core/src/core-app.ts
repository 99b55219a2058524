import { brokerOptionsOf, ClockJobs, EventRuntime } from '@libs/eventing';
import { releaseVersion } from '@libs/http';
import {
  type HealthServer,
  type Logger,
  MetricsRegistry,
  NestLogger,
  observePool,
  startHealthServer,
} from '@libs/observability';
import { Database } from '@libs/persistence';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { CoreModule } from './core.module';
import type { CoreSettings } from './core-settings';
import { CompareCountersJob } from './counters/compare-counters.job';
import { DispatchQueue } from './dispatch/dispatch-queue';
import { DispatchSweepJob } from './dispatch/dispatch-sweep.job';
import { RepeatStaleDispatchesJob } from './dispatch/repeat-stale-dispatches.job';
import { CancelAgedJob } from './outcomes/cancel-aged.job';
import { CancelRequestedJob } from './outcomes/cancel-requested.job';
import { CompareReservationsJob } from './reservations/compare-reservations.job';
import { DrainWorkItemsJob } from './work/drain-work-items.job';

export interface CoreApp {
  readonly healthPort: number;
  stop(): Promise<void>;
}

/** Starts disbursement-core in this process: its event handlers, its jobs and its health server. */
export async function startCore(settings: CoreSettings, logger: Logger): Promise<CoreApp> {
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: 'disbursement-core',
    connectionsMax: settings.DATABASE_CONNECTIONS_MAX,
  });
  await database.assertReady();
  const metrics = new MetricsRegistry();
  metrics.collectProcessMetrics();
  observePool(metrics, database.pool);
  const runtime = new EventRuntime({
    database,
    group: 'disbursement-core',
    broker: brokerOptionsOf(settings),
    logger,
    metrics,
  });
  const app = await NestFactory.createApplicationContext(
    CoreModule.with({ settings, database, logger, metrics, runtime }),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  addJobs(app);
  const health = await startHealth({ settings, database, runtime, metrics });
  logger.info({ port: health.port }, 'disbursement-core works');
  return {
    healthPort: health.port,
    stop: async () => {
      await app.get(DispatchQueue).stop();
      await app.close();
      await health.close();
      await database.close();
      logger.info({}, 'disbursement-core stopped');
    },
  };
}

function addJobs(app: INestApplicationContext): void {
  const jobs = app.get(ClockJobs);
  for (const type of [
    DispatchSweepJob,
    RepeatStaleDispatchesJob,
    CancelAgedJob,
    CancelRequestedJob,
    CompareCountersJob,
    DrainWorkItemsJob,
    CompareReservationsJob,
  ]) {
    const job = app.get<{ run(): Promise<void> }>(type);
    jobs.add({ name: type.jobName, everyMs: type.everyMs, run: () => job.run() });
  }
  app.get(DrainWorkItemsJob).wake = () => {
    jobs.wake(DrainWorkItemsJob.jobName);
  };
  // What a killed process had noted in memory only is found by these; nobody should wait half a minute for it.
  for (const { jobName } of [DispatchSweepJob, DrainWorkItemsJob]) jobs.wake(jobName);
}

async function startHealth(parts: {
  readonly settings: CoreSettings;
  readonly database: Database;
  readonly runtime: EventRuntime;
  readonly metrics: MetricsRegistry;
}): Promise<HealthServer> {
  return await startHealthServer({
    app: 'disbursement-core',
    port: parts.settings.CORE_PORT,
    version: releaseVersion(),
    ready: async () => {
      await parts.database.pool.query('SELECT 1');
      return parts.runtime.problems();
    },
    metrics: parts.metrics,
  });
}
