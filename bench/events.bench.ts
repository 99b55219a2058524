import { paymentRequestedV1 } from '@libs/contracts';
import { type BrokerOptions, createTopics, Outbox } from '@libs/eventing';
import { newId } from '@libs/kernel';
import { silentLogger } from '@libs/observability';
import { APP_ROLES, type AppName, Database, UnitOfWork } from '@libs/persistence';

import {
  type Benchmark,
  type BenchmarkReport,
  InvariantFailedError,
  mustBe,
  quantileOf,
  rounded,
  type Target,
} from './benchmark';
import { BenchDatabase } from './system/bench-database';
import { Child } from './system/child-process';
import { CleanUp } from './system/clean-up';
import { cpuMsOf } from './system/cpu-time';

const GROUPS: Readonly<Partial<Record<AppName, string>>> = {
  disbursementCore: 'disbursement-core',
  messaging: 'messaging',
};
const TENANTS = 5;
const KEYS = 200;
const FAIL_EACH = 100;
const PER_SECOND = 1_000;
const PER_TRANSACTION = 5;
const FAST_PER_TRANSACTION = 100;
const FAST_AT_ONCE = 4;
const FAST_SHARE = 1 / 2;
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 50;
const CONSUMER = 'bench/system/event-consumer-process.js';

/**
 * Events through outbox, bus and inbox to two consumer groups that write a row for each: 200 keys of five organisations, one in a
 * hundred fails the first time. A thousand a second, then as fast as it goes. Over PostgreSQL, and over Kafka as well where
 * BROKER_URLS names a broker. Each group has handled each event once.
 */
export const eventsBenchmark: Benchmark = async ({ n, tell, profileFolder }): Promise<BenchmarkReport> => {
  const metrics: Record<string, number> = {};
  const targets: Record<string, Target> = {};
  const urls = process.env['BROKER_URLS'];
  const brokers: readonly (readonly [string, BrokerOptions])[] = [
    ['postgres', { type: 'POSTGRES' }],
    ...(urls === undefined ? [] : [['kafka', { type: 'KAFKA', brokers: urls.split(',') }] as const]),
  ];
  for (const [name, broker] of brokers) {
    const run = await EventRun.start(broker, profileFolder);
    try {
      tell(`${name}: ${String(n)} events, ${String(PER_SECOND)} a second`);
      const steady = await run.measure(n, PER_SECOND);
      tell(`${name}: lag p50 ${String(steady.p50)} ms, p99 ${String(steady.p99)} ms`);
      const fast = await run.measure(Math.ceil(n * FAST_SHARE), null);
      tell(`${name}: ${String(Math.round(fast.perSecond))} a second as fast as it goes`);
      for (const line of await run.dearest()) tell(line);
      metrics[`${name}LagP50Ms`] = rounded(steady.p50);
      metrics[`${name}LagP99Ms`] = rounded(steady.p99);
      metrics[`${name}LagP99MsOfFailed`] = rounded(steady.p99OfFailed);
      metrics[`${name}PerSecond`] = rounded(fast.perSecond);
      metrics[`${name}CommitsPerEvent`] = rounded(fast.commitsPerEvent);
      metrics[`${name}DatabaseCpuMsPerThousand`] = rounded(fast.databaseCpuMsPerThousand);
      metrics[`${name}ConsumersCpuMsPerThousand`] = rounded(fast.consumersCpuMsPerThousand);
      targets[`${name}LagP99Ms`] = { atMost: 500 };
      targets[`${name}PerSecond`] = { atLeast: 5_000 };
    } finally {
      await run.stop();
    }
  }
  return {
    id: 'events',
    n,
    metrics,
    targets,
  };
};

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly p99OfFailed: number;
  /** Events that both groups have handled, from the first published to the last handled. */
  readonly perSecond: number;
  /** Of everybody: publishers, relay, and both groups. */
  readonly commitsPerEvent: number;
  /** CPU time of PostgreSQL for a thousand events. */
  readonly databaseCpuMsPerThousand: number;
  /** The same of both groups' processes together. */
  readonly consumersCpuMsPerThousand: number;
}

interface Taken {
  readonly commits: number;
  readonly databaseCpuMs: number;
  readonly consumersCpuMs: number;
}

class EventRun {
  private readonly outbox = new Outbox();
  private readonly uow: UnitOfWork;
  private published = 0;

  private constructor(
    private readonly cleanUp: CleanUp,
    private readonly database: BenchDatabase,
    private readonly publisher: Database,
    private readonly tenants: readonly string[],
    private readonly consumers: readonly Child[],
  ) {
    this.uow = new UnitOfWork(publisher);
  }

  static async start(broker: BrokerOptions, profileFolder: string | null): Promise<EventRun> {
    const cleanUp = new CleanUp();
    try {
      const database = await BenchDatabase.start();
      cleanUp.add(() => database.stop());
      await database.sql.query(
        `CREATE TABLE public.effects (nr bigserial PRIMARY KEY, consumer text, tenant_id uuid, key text, number integer, lag_ms float8)`,
      );
      const tenants = Array.from({ length: TENANTS }, () => newId());
      for (const [index, id] of tenants.entries()) {
        await database.sql.query(
          `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type)
           VALUES ($1, $2, 'http://pay.example', 'http://staff.example', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
          [id, `tenant-${'abcdefgh'.charAt(index)}`],
        );
      }
      if (broker.type === 'KAFKA') await createTopics(broker, silentLogger);
      const consumers: Child[] = [];
      for (const [app, group] of Object.entries(GROUPS) as [AppName, string][]) {
        await database.sql.query(`GRANT INSERT ON public.effects TO ${APP_ROLES[app]}`);
        await database.sql.query(`GRANT USAGE ON public.effects_nr_seq TO ${APP_ROLES[app]}`);
        const order = { databaseUrl: database.urlOf(app), group, broker, failEach: FAIL_EACH };
        const consumer = Child.spawn({
          name: group,
          script: CONSUMER,
          args: [JSON.stringify(order)],
          profileFolder,
        });
        cleanUp.add(() => consumer.stop());
        consumers.push(consumer);
        await consumer.said((line) => (line['started'] === true ? true : undefined));
      }
      const publisher = new Database({
        url: database.urlOf('dashboardApi'),
        applicationName: 'dashboard-api',
        connectionsMax: 10,
      });
      cleanUp.add(() => publisher.close());
      return new EventRun(cleanUp, database, publisher, tenants, consumers);
    } catch (error) {
      await cleanUp.run();
      throw error;
    }
  }

  /** The statements that took the most time. */
  async dearest(): Promise<readonly string[]> {
    return await this.database.dearest(12);
  }

  async stop(): Promise<void> {
    await this.cleanUp.run();
  }

  /** Publishes so many events, at this rate or as fast as it goes, and waits until both groups have handled all. */
  async measure(count: number, perSecond: number | null): Promise<Measured> {
    const first = this.published;
    await this.database.sql.query('TRUNCATE public.effects');
    const before = await this.taken();
    const startedAt = performance.now();
    if (perSecond === null) await this.publishFast(count);
    else await this.publishSteadily(count, perSecond);
    await this.handled(count);
    const milliseconds = performance.now() - startedAt;
    const after = await this.taken();
    return {
      ...(await this.checked(first, count)),
      perSecond: (count / milliseconds) * 1_000,
      commitsPerEvent: (after.commits - before.commits) / count,
      databaseCpuMsPerThousand: ((after.databaseCpuMs - before.databaseCpuMs) / count) * 1_000,
      consumersCpuMsPerThousand: ((after.consumersCpuMs - before.consumersCpuMs) / count) * 1_000,
    };
  }

  private async taken(): Promise<Taken> {
    const { commits } = await this.database.one(
      'SELECT xact_commit AS commits FROM pg_stat_database WHERE datname = current_database()',
    );
    const consumersCpuMs = this.consumers.reduce((sum, { pid }) => sum + cpuMsOf(pid), 0);
    return { commits: Number(commits), databaseCpuMs: this.database.cpuMs(), consumersCpuMs };
  }

  private async publishSteadily(count: number, perSecond: number): Promise<void> {
    const startedAt = performance.now();
    const all: Promise<void>[] = [];
    for (let sent = 0; sent < count; sent += PER_TRANSACTION) {
      const due = startedAt + (sent / perSecond) * 1_000;
      if (due > performance.now()) await pause(due - performance.now());
      const publishing = this.publish(Math.min(PER_TRANSACTION, count - sent));
      // Told at the end; without a listener until then it would end the process, and leave the others running.
      publishing.catch(() => undefined);
      all.push(publishing);
    }
    await Promise.all(all);
  }

  private async publishFast(count: number): Promise<void> {
    let left = count;
    const work = async (): Promise<void> => {
      while (left > 0) {
        const size = Math.min(FAST_PER_TRANSACTION, left);
        left -= size;
        await this.publish(size);
      }
    };
    await Promise.all(Array.from({ length: FAST_AT_ONCE }, work));
  }

  /** Events of one organisation in one database transaction, as a request makes them. */
  private async publish(size: number): Promise<void> {
    const first = this.published;
    this.published += size;
    const tenantId = this.tenants[Math.floor(first / size) % this.tenants.length] ?? '';
    const events = Array.from({ length: size }, (_, index) => {
      const number = first + index + 1;
      return {
        type: 'payment-direct-payment-created' as const,
        key: `${tenantId}-${String(number % (KEYS / TENANTS))}`,
        data: { payment_ids: [`00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`] },
      };
    });
    await this.uow.run({ tenantId, actor: 'system:benchmark', trace: '' }, (tx) =>
      this.outbox.publishAll(tx, paymentRequestedV1, events),
    );
  }

  private async handled(count: number): Promise<void> {
    const wanted = count * Object.keys(GROUPS).length;
    let [seen, since] = [-1, performance.now()];
    for (;;) {
      const { found } = await this.database.one('SELECT count(*) AS found FROM public.effects');
      if (Number(found) >= wanted) return;
      if (Number(found) > seen) [seen, since] = [Number(found), performance.now()];
      else if (performance.now() - since > PATIENCE_MS) {
        throw new InvariantFailedError(
          `lost events: ${String(found)} were handled instead of ${String(wanted)}`,
        );
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Each event once per group. */
  private async checked(
    first: number,
    count: number,
  ): Promise<Pick<Measured, 'p50' | 'p99' | 'p99OfFailed'>> {
    const { rows } = await this.database.sql.query<{ consumer: string; number: number; lag_ms: number }>(
      'SELECT consumer, number, lag_ms FROM public.effects',
    );
    for (const group of Object.values(GROUPS)) {
      const own = rows.filter((row) => row.consumer === group).map((row) => row.number);
      mustBe(`events handled by ${group}`, own.length, count);
      mustBe(`different events handled by ${group}`, new Set(own).size, count);
      mustBe(
        `events of this run handled by ${group}`,
        own.every((one) => one > first),
        true,
      );
    }
    const lags = rows.filter((row) => row.number % FAIL_EACH !== 0).map((row) => row.lag_ms);
    const failed = rows.filter((row) => row.number % FAIL_EACH === 0).map((row) => row.lag_ms);
    return {
      p50: quantileOf(lags, 0.5),
      p99: quantileOf(lags, 0.99),
      p99OfFailed: quantileOf(failed, 0.99),
    };
  }
}

const pause = async (milliseconds: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
};
