import { EVENT_CONTRACTS, type EventContract } from '@libs/contracts';
import type { Logger, MetricsRegistry } from '@libs/observability';
import { type Database, UnitOfWork } from '@libs/persistence';

import type { BrokerOptions } from './broker-options';
import { asError } from './as-error';
import { ClockJobs } from './clock-jobs';
import type { EventHandler } from './event-handler';
import type { EventServer } from './event-server';
import { consumerMetrics, observeDepths } from './eventing-metrics';
import { KafkaEventServer } from './kafka/kafka-event-server';
import { KafkaRelayTarget } from './kafka/kafka-relay-target';
import { pruneEvents } from './prune.repository';
import { PostgresEventServer } from './postgres/postgres-event-server';
import { PostgresRelayTarget } from './postgres/postgres-relay-target';
import { Relay, type RelayTarget } from './relay';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry-policy';
import { SessionKeeper } from './session-keeper';

export interface EventRuntimeOptions {
  readonly database: Database;
  /** The consumer group, which is the app's name. */
  readonly group: string;
  readonly broker: BrokerOptions;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly retryPolicy?: RetryPolicy;
  /** How many events this process handles at once; each takes a connection of the pool. */
  readonly concurrency?: number;
  /** The events that exist. For tests. */
  readonly contracts?: readonly EventContract[];
}

const CONNECTIONS_DEFAULT = 10;
const PRUNE_EVERY_MS = 60_000;

/**
 * Everything that one process does about events: relay, consumer, retries, clock jobs. Add the handlers and jobs,
 * then start it; an app without handlers only relays.
 */
export class EventRuntime {
  readonly jobs: ClockJobs;
  /** The Nest transport: `NestFactory.createMicroservice(AppModule, { strategy: runtime.server })`. */
  readonly server: EventServer;
  private readonly keeper: SessionKeeper;
  private readonly relay: Relay;

  constructor(options: EventRuntimeOptions) {
    const { database, logger, metrics, group } = options;
    const unit = new UnitOfWork(database);
    this.keeper = new SessionKeeper({
      url: database.options.url,
      applicationName: `${group} events`,
      logger,
    });
    this.jobs = new ClockJobs({ unit, logger });
    this.jobs.add({ name: 'eventing-prune', everyMs: PRUNE_EVERY_MS, run: () => pruneEvents(unit) });
    const { target, server } = transportOf(options, unit, this.keeper);
    this.server = server;
    observeDepths(metrics, { unit, group, topics: () => server.topics, lagOf: () => server.lag() });
    const relayed = metrics.counter<never>({
      name: 'distributary_events_relayed_total',
      help: 'Events that this process brought from the outbox to the transport.',
    });
    this.relay = new Relay({ keeper: this.keeper, target, logger, relayed });
  }

  addHandler(handler: EventHandler): void {
    this.server.addEventHandler(handler);
  }

  /** Resolves when events are being consumed. Rejects when the transport cannot be used. */
  async start(): Promise<void> {
    this.keeper.start();
    this.relay.start();
    this.jobs.start();
    await new Promise<void>((resolve, reject) => {
      void this.server.listen((error) => {
        if (error === undefined) resolve();
        else reject(asError(error));
      });
    });
  }

  /** Finishes what is in flight and hands the rest to the other replicas. */
  async stop(): Promise<void> {
    await Promise.all([this.jobs.stop(), this.server.close()]);
    await this.relay.stop();
    await this.keeper.stop();
  }

  /** Why events do not flow now; none when they do. For `/ready`. */
  problems(): string[] {
    const relay = this.keeper.current === null ? ['no direct connection to PostgreSQL for events'] : [];
    return [...new Set([...relay, ...this.server.problems()])];
  }
}

function transportOf(
  options: EventRuntimeOptions,
  unit: UnitOfWork,
  keeper: SessionKeeper,
): { target: RelayTarget; server: EventServer } {
  const { logger } = options;
  const connections = options.database.options.connectionsMax ?? CONNECTIONS_DEFAULT;
  const serverOptions = {
    unit,
    group: options.group,
    contracts: options.contracts ?? EVENT_CONTRACTS,
    retryPolicy: options.retryPolicy ?? DEFAULT_RETRY_POLICY,
    concurrency: options.concurrency ?? Math.max(1, Math.floor(connections / 2)),
    logger,
    metrics: consumerMetrics(options.metrics),
  };
  switch (options.broker.type) {
    case 'POSTGRES':
      return {
        target: new PostgresRelayTarget(unit),
        server: new PostgresEventServer(serverOptions, keeper),
      };
    case 'KAFKA':
      return {
        target: new KafkaRelayTarget({
          unit,
          broker: options.broker,
          contracts: serverOptions.contracts,
          logger,
        }),
        server: new KafkaEventServer(serverOptions, options.broker),
      };
  }
}
