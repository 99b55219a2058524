import { newId } from '@libs/kernel';
import { MetricsRegistry, silentLogger } from '@libs/observability';
import { Database, type TenantTx } from '@libs/persistence';
import { Controller, Injectable, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';

import { ClockJobs, done, EventHandler, EventingModule, EventRuntime, type Outcome, Outbox } from './index';
import { EventBench, eventually } from './testing/event-bench';
import type { TestEvent } from './testing/scripted-handler';
import { testContracts } from './testing/test-contracts';

/** A decorator needs the topic before there is a bench, so the topics of this suite have a fixed name. */
const CONTRACTS = testContracts('of-the-module');

@Injectable()
class Effects {
  readonly seen: string[] = [];

  async write(tx: TenantTx, event: TestEvent, worker: string): Promise<Outcome> {
    this.seen.push(worker);
    await tx.execute(
      `INSERT INTO public.effects (consumer, worker, tenant_id, key, n, event_id) VALUES ('app', $1, $2, $3, $4, $5)`,
      [worker, tx.tenantId, event.key, event.data.n, event.id],
    );
    return done;
  }
}

@Injectable()
class OrderedHandler extends EventHandler<(typeof CONTRACTS)['ordered']> {
  readonly contract = CONTRACTS.ordered;

  constructor(private readonly effects: Effects) {
    super();
  }

  override async handle(tx: TenantTx, event: TestEvent): Promise<Outcome> {
    return await this.effects.write(tx, event, 'handler class');
  }
}

@Controller()
class FreeController {
  private tries = 0;

  constructor(private readonly effects: Effects) {}

  // Without the type argument another overload is taken, which expects a map of events.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- it picks the overload that takes handlers with a context
  @EventPattern<string>(CONTRACTS.free.topic)
  async free(@Payload() event: TestEvent, @Ctx() tx: TenantTx): Promise<Outcome> {
    await this.effects.write(tx, event, 'pattern method');
    this.tries += 1;
    if (this.tries === 1) throw new Error('fails after its effect is written');
    return done;
  }
}

@Module({ providers: [Effects], exports: [Effects] })
class EffectsModule {}

describe('events in a Nest application', () => {
  let bench: EventBench;
  let database: Database;

  beforeEach(async () => {
    bench = await EventBench.open();
    database = new Database({ url: bench.testing.url('messaging'), applicationName: 'app' });
  });
  afterEach(async () => {
    await database.close();
    await bench.close();
  });

  const runtimeOf = (group: string): EventRuntime =>
    new EventRuntime({
      database,
      group,
      broker: { type: 'POSTGRES' },
      logger: silentLogger,
      metrics: new MetricsRegistry(),
      contracts: [CONTRACTS.ordered, CONTRACTS.free],
      retryPolicy: { triesMax: 5, firstDelayMs: 5, delayMaxMs: 5 },
    });

  function appWith(runtime: EventRuntime, controllers: Type[]): Type {
    @Module({
      imports: [
        EffectsModule,
        EventingModule.forConsumer({ runtime, handlers: [OrderedHandler], imports: [EffectsModule] }),
      ],
      controllers,
    })
    class AppModule {}
    return AppModule;
  }

  it('reach a handler class and an ordinary @EventPattern method of a microservice', async () => {
    const runtime = runtimeOf('app');
    const app = await NestFactory.createMicroservice(appWith(runtime, [FreeController]), {
      strategy: runtime.server,
      logger: false,
    });
    await app.listen();
    const tenant = await bench.newTenant();
    const key = newId();
    await bench.publish(tenant, [{ key, n: 1 }], CONTRACTS.ordered);
    await bench.publish(tenant, [{ key, n: 2 }], CONTRACTS.free);
    const effects = await bench.effectsOnce(2, 'app', tenant);
    expect(effects.map(({ worker }) => worker).sort()).toEqual(['handler class', 'pattern method']);
    // The method failed once: that effect was undone, and the event came again.
    const seen = app.get(Effects).seen;
    expect(seen.filter((worker) => worker === 'pattern method')).toHaveLength(2);
    await app.close();
    await bench.publish(tenant, [{ key, n: 3 }], CONTRACTS.ordered);
    expect(await bench.sql('SELECT FROM eventing.outbox')).toHaveLength(1);
  });

  it('start and stop with a plain application context, which also has the outbox and the jobs', async () => {
    const runtime = runtimeOf('app');
    const app = await NestFactory.createApplicationContext(appWith(runtime, []), { logger: false });
    const tenant = await bench.newTenant();
    await bench.unit.run({ tenantId: tenant, actor: 'system:test', trace: '' }, (tx) =>
      app
        .get(Outbox)
        .publish(tx, CONTRACTS.ordered, { type: 'test-b', key: 'k', data: { n: 1, script: '' } }),
    );
    await bench.effectsOnce(1, 'app', tenant);
    expect(app.get(ClockJobs)).toBe(runtime.jobs);
    await eventually(async () => runtime.problems().length === 0);
    await app.close();
    expect(runtime.problems()).not.toEqual([]);
  });

  it('refuse to start with two handlers for one topic, or a topic without a contract', async () => {
    const twice = runtimeOf('twice');
    twice.addHandler(new OrderedHandler(new Effects()));
    twice.addHandler(new OrderedHandler(new Effects()));
    await expect(twice.start()).rejects.toThrow('twice has two handlers for test.ordered.of-the-module');
    await twice.stop();
    const unknown = runtimeOf('unknown');
    unknown.server.addHandler('no.such.topic', async () => Promise.resolve(done), true);
    await expect(unknown.start()).rejects.toThrow('no contract for the topic no.such.topic');
    await unknown.stop();
  });
});
