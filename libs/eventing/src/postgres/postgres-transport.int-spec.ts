import { messagesRequestedV1, type EventOf } from '@libs/contracts';
import { newId } from '@libs/kernel';
import { MetricsRegistry, createLogger } from '@libs/observability';
import { Database, UnitOfWork, type TenantTx } from '@libs/persistence';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { done, EventHandler, EventRuntime, Outbox, type Outcome } from '../index';

class Handler extends EventHandler<typeof messagesRequestedV1> {
  readonly contract = messagesRequestedV1;
  readonly seen: { at: number; event: EventOf<typeof messagesRequestedV1> }[] = [];
  async handle(_tx: TenantTx, event: EventOf<typeof messagesRequestedV1>): Promise<Outcome> {
    this.seen.push({ at: performance.now(), event });
    return done;
  }
}

it('smoke', async () => {
  const testing: TestDatabase = await testDatabase();
  const database = new Database({ url: testing.url('messaging'), applicationName: 'x' });
  const owner = new Database({ url: testing.superuserUrl, applicationName: 'x', connectionsMax: 1 });
  const tenantId = newId();
  await owner.pool.query(
    `INSERT INTO tenants.tenants (id,name,base_url,sdp_ui_base_url,distribution_account_type) VALUES ($1,'abc','http://a','http://b','DISTRIBUTION_ACCOUNT.STELLAR.ENV')`,
    [tenantId],
  );
  const runtime = new EventRuntime({
    database,
    group: 'messaging',
    broker: { type: 'POSTGRES' },
    logger: createLogger({ app: 'x', level: 'debug' }),
    metrics: new MetricsRegistry(),
  });
  const handler = new Handler();
  runtime.addHandler(handler);
  await runtime.start();
  const unit = new UnitOfWork(database);
  const outbox = new Outbox();
  const lat: number[] = [];
  await new Promise((r) => setTimeout(r, 1500));
  for (let i = 0; i < 50; i++) {
    const t = performance.now();
    await unit.run({ tenantId, actor: 'x', trace: '' }, (tx) =>
      outbox.publish(tx, messagesRequestedV1, { type: 'messages-requested', key: newId(), data: { message_ids: [newId()] } }),
    );
    while (handler.seen.length < i + 1) await new Promise((r) => setImmediate(r));
    lat.push(handler.seen[i]!.at - t);
  }
  lat.sort((a, b) => a - b);
  console.log('latency', lat[0], lat[25], lat[49]);
  const t0 = performance.now();
  const N = 4000;
  await unit.run({ tenantId, actor: 'x', trace: '' }, (tx) =>
    outbox.publishAll(tx, messagesRequestedV1, Array.from({ length: N }, () => ({ type: 'messages-requested', key: newId(), data: { message_ids: [newId()] } } as const))),
  );
  while (handler.seen.length < 50 + N) await new Promise((r) => setTimeout(r, 10));
  console.log('throughput', N / ((performance.now() - t0) / 1000));
  await runtime.stop();
  await database.close();
  await owner.close();
  await testing.drop();
});
