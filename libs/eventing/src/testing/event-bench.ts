import { newId } from '@libs/kernel';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { BrokerOptions } from '../broker-options';
import { DeadLetters } from '../dead-letters';
import { EventRuntime } from '../event-runtime';
import { Outbox } from '../outbox';
import type { RetryPolicy } from '../retry-policy';
import type { ConsumerProcessOptions } from './consumer-process';
import { type Behaviour, ScriptedHandler, ScriptedSetHandler } from './scripted-handler';
import { type TestContracts, testContracts } from './test-contracts';

export interface Effect {
  readonly worker: string;
  readonly key: string;
  readonly n: number;
}

export interface Replica {
  readonly runtime: EventRuntime;
  readonly metrics: MetricsRegistry;
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  readonly group: string;
  readonly worker?: string;
  readonly behaviour?: Behaviour;
  readonly retryPolicy?: RetryPolicy;
  /** Handles events of the ordered topic by `handleAll`. */
  readonly inSets?: boolean;
}

const FAST_RETRIES: RetryPolicy = { triesMax: 4, firstDelayMs: 20, delayMaxMs: 100 };
const ROOT = path.join(__dirname, '..', '..', '..', '..');

/** A database, tenants, replicas in this process and outside of it: what the suites of both transports stand on. */
export class EventBench {
  readonly contracts: TestContracts;
  readonly outbox = new Outbox();
  readonly unit: UnitOfWork;
  readonly deadLetters: DeadLetters;
  private readonly owner: Database;
  private readonly replicas = new Set<Replica>();
  private readonly children = new Set<ChildProcess>();

  private constructor(
    readonly testing: TestDatabase,
    readonly database: Database,
    readonly suffix: string,
  ) {
    this.contracts = testContracts(suffix);
    this.unit = new UnitOfWork(database);
    this.deadLetters = new DeadLetters(this.unit);
    this.owner = new Database({
      url: testing.superuserUrl,
      applicationName: 'event bench',
      connectionsMax: 2,
    });
  }

  /** On a database of the run's server unless a suite brings one on a server of its own. */
  static async open(given?: TestDatabase): Promise<EventBench> {
    const testing = given ?? (await testDatabase());
    const database = new Database({
      url: testing.url('messaging'),
      applicationName: 'publisher',
      connectionsMax: 4,
    });
    const bench = new EventBench(testing, database, newId().slice(-12));
    await bench.sql(
      `CREATE TABLE public.effects (nr bigserial PRIMARY KEY, consumer text, worker text, tenant_id uuid, key text, n int, event_id uuid)`,
    );
    await bench.sql(`GRANT SELECT, INSERT ON public.effects TO distributary_messaging`);
    await bench.sql(`GRANT USAGE ON public.effects_nr_seq TO distributary_messaging`);
    return bench;
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all([...this.replicas].map((replica) => replica.stop()));
    await Promise.all([this.database.close(), this.owner.close()]);
    await this.testing.drop();
  }

  /** As a superuser, past all policies. */
  async sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.owner.pool.query<Row>(text, values)).rows;
  }

  async newTenant(): Promise<string> {
    const id = newId();
    await this.sql(
      `INSERT INTO tenants.tenants (id, name, base_url, sdp_ui_base_url, distribution_account_type)
       VALUES ($1, $2, 'http://a.test', 'http://b.test', 'DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
      [
        id,
        `t-${id.replaceAll(/[^a-f]/g, '')}-${String.fromCharCode(...[...id].slice(-9).map((c) => 97 + (c.charCodeAt(0) % 26)))}`,
      ],
    );
    return id;
  }

  /** One database transaction per call. */
  async publish(
    tenantId: string,
    events: readonly { readonly key: string; readonly n: number; readonly script?: string }[],
    contract = this.contracts.ordered,
  ): Promise<void> {
    await this.unit.run({ tenantId, actor: 'system:test', trace: '' }, (tx) =>
      this.outbox.publishAll(
        tx,
        contract,
        events.map(({ key, n, script = '' }) => ({ type: 'test-a' as const, key, data: { n, script } })),
      ),
    );
  }

  async startReplica(broker: BrokerOptions, options: ReplicaOptions): Promise<Replica> {
    const { group, worker = 'here', behaviour = () => undefined, retryPolicy = FAST_RETRIES } = options;
    const metrics = new MetricsRegistry();
    const database = new Database({ url: this.testing.url('messaging'), applicationName: worker });
    const runtime = new EventRuntime({
      database,
      group,
      broker,
      logger: silentLogger,
      metrics,
      contracts: [this.contracts.ordered, this.contracts.free],
      concurrency: 4,
      retryPolicy,
    });
    const script = { consumer: group, worker, behaviour };
    const Ordered = options.inSets === true ? ScriptedSetHandler : ScriptedHandler;
    runtime.addHandler(new Ordered(this.contracts.ordered, script));
    runtime.addHandler(new ScriptedHandler(this.contracts.free, script));
    await runtime.start();
    const replica: Replica = {
      runtime,
      metrics,
      stop: async () => {
        if (!this.replicas.delete(replica)) return;
        await runtime.stop();
        await database.close();
      },
    };
    this.replicas.add(replica);
    return replica;
  }

  /** A replica in a process of its own. It runs compiled code, which `buildOnce` makes. */
  async startProcess(options: Omit<ConsumerProcessOptions, 'url' | 'suffix'>): Promise<ChildProcess> {
    buildOnce();
    const script = path.join(ROOT, 'dist/libs/eventing/src/testing/consumer-process.js');
    const full: ConsumerProcessOptions = {
      ...options,
      url: this.testing.url('messaging'),
      suffix: this.suffix,
    };
    const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(full)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.children.add(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        if (text.toString().includes('started')) resolve();
      });
      child.once('exit', (code, signal) =>
        reject(new Error(`the replica ended at once: ${code ?? signal ?? ''}`)),
      );
    });
    return child;
  }

  async effects(consumer: string, tenantId: string): Promise<Effect[]> {
    return await this.sql<Effect>(
      `SELECT worker, key, n FROM public.effects WHERE consumer = $1 AND tenant_id = $2 ORDER BY nr`,
      [consumer, tenantId],
    );
  }

  /** Waits until so many effects are there, and returns them. More than that are returned too, for the test to see. */
  async effectsOnce(
    count: number,
    consumer: string,
    tenantId: string,
    patienceMs = 30_000,
  ): Promise<Effect[]> {
    let effects: Effect[] = [];
    return await eventually(
      async () => {
        effects = await this.effects(consumer, tenantId);
        return effects.length >= count ? effects : undefined;
      },
      patienceMs,
      () => `${effects.length} of ${count} effects`,
    );
  }
}

let built = false;
function buildOnce(): void {
  if (!built) execFileSync(process.execPath, [path.join(ROOT, 'tools/build.cjs')], { stdio: 'ignore' });
  built = true;
}

/** The first answer that is neither undefined nor false. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false>,
  patienceMs = 30_000,
  state: () => string = () => 'nothing',
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error(`only ${state()} within ${patienceMs} ms`);
    await pause(15);
  }
}

export async function exitOf(child: ChildProcess): Promise<string | number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode ?? child.exitCode;
  return await new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}
