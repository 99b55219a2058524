import type { EventContract } from '@libs/contracts';
import { newId } from '@libs/kernel';

import type { BrokerOptions } from './broker-options';
import { done, park } from './event-handler';
import { eventBatchesContract } from './event-batches.contract';
import { eventReplicasContract } from './event-replicas.contract';
import { eventRetriesContract } from './event-retries.contract';
import { headersOf, type EventRecord } from './event-record';
import { insertRecords } from './outbox';
import { partitionOfKey } from './partition-of-key';
import { EventBench, eventually } from './testing/event-bench';

/** What a suite has to bring for its transport. */
export interface TransportUnderTest {
  /** A transport on which the topics of these contracts exist. */
  open(contracts: readonly EventContract[]): Promise<BrokerOptions>;
  /** The bytes and headers on a topic now, in any order. */
  recordsOf(bench: EventBench, topic: string): Promise<{ value: Buffer; headers: Record<string, string> }[]>;
}

/** The promises of libs/eventing. Both transports keep them, on real PostgreSQL and real Kafka. */
export function eventTransportContract(transport: TransportUnderTest): void {
  let bench: EventBench;
  let broker: BrokerOptions;

  beforeAll(async () => {
    bench = await EventBench.open();
    broker = await transport.open([bench.contracts.ordered, bench.contracts.free]);
  });
  afterAll(async () => {
    await bench.close();
  });

  it('delivers an event only after the commit of what it speaks about', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, { group: 'commit' });
    const context = { tenantId: tenant, actor: 'system:test', trace: '' };
    const publish = (n: number): object => ({ type: 'test-a', key: 'one', data: { n, script: '' } });
    const open = Promise.withResolvers<undefined>();
    const published = Promise.withResolvers<undefined>();
    const rolledBack = bench.unit.run(context, async (tx) => {
      await bench.outbox.publish(tx, bench.contracts.ordered, publish(1) as never);
      published.resolve(undefined);
      await open.promise;
      throw new Error('taken back');
    });
    await published.promise;
    await bench.publish(tenant, [{ key: 'one', n: 2 }]);
    await bench.effectsOnce(1, 'commit', tenant);
    open.resolve(undefined);
    await expect(rolledBack).rejects.toThrow('taken back');
    await bench.publish(tenant, [{ key: 'one', n: 3 }]);
    const effects = await bench.effectsOnce(2, 'commit', tenant);
    expect(effects.map(({ n }) => n)).toEqual([2, 3]);
    await replica.stop();
  });

  it('lets an event take effect once, however often it is delivered', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, { group: 'once' });
    const event = {
      id: newId(),
      topic: bench.contracts.ordered.topic,
      key: 'again',
      tenant_id: tenant,
      type: 'test-a',
      version: 1,
      occurred_at: new Date().toISOString(),
      trace: '',
      data: { n: 1, script: '' },
    };
    const record: EventRecord = {
      topic: event.topic,
      partition: partitionOfKey(event.key, 12),
      key: event.key,
      value: Buffer.from(JSON.stringify(event)),
      headers: headersOf(event),
    };
    for (const copies of [1, 3]) {
      await bench.unit.runSystem('test', (tx) =>
        insertRecords(
          tx,
          Array.from({ length: copies }, () => record),
        ),
      );
    }
    await bench.publish(tenant, [{ key: 'again', n: 2 }]);
    const effects = await bench.effectsOnce(2, 'once', tenant);
    expect(effects.map(({ n }) => n)).toEqual([1, 2]);
    await replica.stop();
  });

  it('keeps the order of a key while an event of it is tried again, and lets other keys pass', async () => {
    const tenant = await bench.newTenant();
    let failures = 0;
    const others = Promise.withResolvers<undefined>();
    const replica = await bench.startReplica(broker, {
      group: 'order',
      retryPolicy: { triesMax: 1_000, firstDelayMs: 10, delayMaxMs: 20 },
      behaviour: async (event) => {
        if (event.data.script !== 'fail until others passed') return undefined;
        failures += 1;
        if (failures < 3) throw new Error('not yet');
        await others.promise;
        return undefined;
      },
    });
    const slow = 'a key whose second event fails';
    const events = [1, 2, 3, 4, 5].flatMap((n) => [
      { key: slow, n, script: n === 2 ? 'fail until others passed' : '' },
      { key: `another key ${n}`, n },
    ]);
    await bench.publish(tenant, events);
    const passed = await bench.effectsOnce(6, 'order', tenant);
    expect(passed.filter(({ key }) => key === slow).map(({ n }) => n)).toEqual([1]);
    others.resolve(undefined);
    // One that is published while others of its key still wait goes behind them, too.
    await bench.publish(tenant, [{ key: slow, n: 6 }]);
    const all = await bench.effectsOnce(11, 'order', tenant);
    expect(all.filter(({ key }) => key === slow).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all).toHaveLength(11);
    await replica.stop();
  });

  it('ends as the last of pause, resume, pause says, though the first of them fails', async () => {
    const tenant = await bench.newTenant();
    const tries = new Map<string, number>();
    const replica = await bench.startReplica(broker, {
      group: 'pause',
      behaviour: (event, place) => {
        const count = (tries.get(event.id) ?? 0) + 1;
        tries.set(event.id, count);
        if (event.data.n === 1 && place === 'after' && count < 5)
          throw new Error('fails with its effect written');
        return undefined;
      },
    });
    const keys = ['disbursement a', 'disbursement b', 'disbursement c'];
    for (const [n, script] of ['pause', 'resume', 'pause again'].entries()) {
      await bench.publish(
        tenant,
        keys.map((key) => ({ key, n: n + 1, script })),
      );
    }
    const effects = await bench.effectsOnce(9, 'pause', tenant);
    for (const key of keys) {
      expect(effects.filter((effect) => effect.key === key).map(({ n }) => n)).toEqual([1, 2, 3]);
    }
    await replica.stop();
  });

  it('does not hold back a key whose events need no order', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, {
      group: 'free',
      retryPolicy: { triesMax: 50, firstDelayMs: 200, delayMaxMs: 200 },
      behaviour: async (event) => {
        if (event.data.script !== 'fail until 2') return undefined;
        const effects = await bench.effects('free', tenant);
        if (!effects.some(({ n }) => n === 2)) throw new Error('2 must pass');
        return undefined;
      },
    });
    await bench.publish(
      tenant,
      [
        { key: 'same', n: 1, script: 'fail until 2' },
        { key: 'same', n: 2 },
      ],
      bench.contracts.free,
    );
    expect((await bench.effectsOnce(2, 'free', tenant)).map(({ n }) => n)).toEqual([2, 1]);
    await replica.stop();
  });

  it('tries a failing event a bounded number of times, parks it with every error, and goes on with its key', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, {
      group: 'bounded',
      behaviour: (event) => {
        if (event.data.script === 'fail') throw new Error(`call +14155550100 for event ${event.data.n}`);
        return undefined;
      },
    });
    await bench.publish(tenant, [
      { key: 'k', n: 1, script: 'fail' },
      { key: 'k', n: 2 },
      { key: 'other', n: 3 },
    ]);
    const effects = await bench.effectsOnce(2, 'bounded', tenant);
    expect(effects.map(({ n }) => n)).toEqual([3, 2]);
    const [letter] = (await bench.deadLetters.list()).filter((one) => one.tenant_id === tenant);
    expect(letter).toMatchObject({
      consumer: 'bounded',
      key: 'k',
      status: 'OPEN',
      reason: /^failed 4 times/,
    });
    expect(letter?.errors.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(letter?.errors[0]).toMatchObject({
      handler_name: 'ScriptedHandler',
      error_message: 'call [phone] for event 1',
    });
    const twin = await eventually(async () => {
      const records = await transport.recordsOf(bench, `${bench.contracts.ordered.topic}.dlq`);
      return records.find(({ headers }) => headers['dead-letter'] === letter?.id);
    });
    expect(JSON.parse(twin.value.toString())).toMatchObject({ tenant_id: tenant, errors: letter?.errors });
    await replica.stop();
  });

  it('parks what nobody can read, bytes intact, and what a handler refuses, alone', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, {
      group: 'poison',
      behaviour: (event, place) =>
        event.data.script === 'park' && place === 'after' ? park('the script says so') : undefined,
    });
    const { topic } = bench.contracts.ordered;
    const envelope = (more: object): Buffer =>
      Buffer.from(
        JSON.stringify({
          ...{ id: newId(), topic, key: 'p', tenant_id: tenant, type: 'test-a', version: 1, trace: '' },
          ...{ occurred_at: new Date().toISOString(), data: { n: 1, script: '' } },
          ...more,
        }),
      );
    const poison: [string, Buffer][] = [
      ['the bytes are not JSON', Buffer.from([0xff, 0x00, 0x7b, 0xfe, newId().charCodeAt(35)])],
      ['not an event envelope: id', envelope({ id: 'no uuid' })],
      ['unknown version 2', envelope({ version: 2 })],
      ['unknown type test-z', envelope({ type: 'test-z' })],
      ['its data does not fit the contract at n', envelope({ data: { n: 'one', script: '' } })],
      ['unknown tenant', envelope({ tenant_id: newId() })],
      ['its key is not the key that it was sent with', envelope({ key: 'another' })],
      ['not an event envelope', Buffer.from(JSON.stringify({ phone_number: 'nobody' }))],
    ];
    const partition = partitionOfKey('p', 12);
    await bench.unit.runSystem('test', (tx) =>
      insertRecords(
        tx,
        poison.map(([, value]) => ({ topic, partition, key: 'p', value, headers: { id: 'kept' } })),
      ),
    );
    await bench.publish(tenant, [
      { key: 'p', n: 1, script: 'park' },
      { key: 'p', n: 2 },
    ]);
    const effects = await bench.effectsOnce(1, 'poison', tenant);
    expect(effects.map(({ n }) => n)).toEqual([2]);
    const letters = (await bench.deadLetters.list()).filter(({ consumer }) => consumer === 'poison');
    for (const [reason, value] of poison) {
      const letter = letters.find((one) => one.value.equals(value));
      expect(letter?.reason).toContain(reason);
      expect(letter?.headers).toEqual({ id: 'kept' });
    }
    expect(letters.find(({ reason }) => reason === 'the script says so')?.errors).toEqual([]);
    await replica.stop();
  });

  it('replays a dead letter once, and only its consumer handles it again', async () => {
    const tenant = await bench.newTenant();
    let mended = false;
    const replica = await bench.startReplica(broker, {
      group: 'replay',
      retryPolicy: { triesMax: 2, firstDelayMs: 5, delayMaxMs: 5 },
      behaviour: (event) => {
        if (event.data.script === 'fail' && !mended) throw new Error('broken');
        return undefined;
      },
    });
    const other = await bench.startReplica(broker, { group: 'replay-other' });
    await bench.publish(tenant, [{ key: 'r', n: 1, script: 'fail' }]);
    await bench.effectsOnce(1, 'replay-other', tenant);
    const letter = await eventually(async () =>
      (await bench.deadLetters.list({ status: 'OPEN' })).find((one) => one.tenant_id === tenant),
    );
    mended = true;
    expect(await bench.deadLetters.replay(letter.id, 'user:test')).toMatchObject({ ok: true });
    expect(await bench.deadLetters.replay(letter.id, 'user:test')).toEqual({
      ok: false,
      error: 'already closed',
    });
    await bench.effectsOnce(1, 'replay', tenant);
    await bench.publish(tenant, [{ key: 'r', n: 2 }]);
    for (const group of ['replay', 'replay-other']) {
      expect((await bench.effectsOnce(2, group, tenant)).map(({ n }) => n)).toEqual([1, 2]);
    }
    expect(await bench.deadLetters.find(letter.id)).toMatchObject({
      status: 'REPLAYED',
      closed_by: 'user:test',
    });
    await Promise.all([replica.stop(), other.stop()]);
  });

  it('tells how much waits, and how long events took', async () => {
    const tenant = await bench.newTenant();
    const replica = await bench.startReplica(broker, {
      group: 'metrics',
      retryPolicy: { triesMax: 2, firstDelayMs: 60_000, delayMaxMs: 60_000 },
      behaviour: async (event) => {
        // The events of the other tests are on the same topic.
        if (event.tenant_id !== tenant) return done;
        if (event.data.script === 'fail') throw new Error('broken');
        return event.data.script === 'park' ? park('not this one') : undefined;
      },
    });
    await bench.publish(tenant, [
      { key: 'm', n: 1 },
      { key: 'fail', n: 2, script: 'fail' },
      { key: 'park', n: 3, script: 'park' },
    ]);
    const { topic } = bench.contracts.ordered;
    const labels = `consumer="metrics",topic="${topic}"`;
    await eventually(async () => {
      const text = await replica.metrics.text();
      return (
        text.includes(`distributary_retry_depth{${labels}} 1`) &&
        // What the other tests left on the topic is poison to this group, too.
        new RegExp(`distributary_dead_letters_open\\{${labels}\\} [1-9]`).test(text) &&
        text.includes(`distributary_consumer_lag{${labels}} 0`) &&
        text.includes('distributary_outbox_depth 0') &&
        new RegExp(`distributary_event_lag_seconds_count\\{topic="${topic}"\\} [1-9]`).test(text)
      );
    });
    await replica.stop();
    const watcher = await bench.startReplica(broker, { group: 'metrics-other' });
    await bench.publish(tenant, [{ key: 'm', n: 4 }]);
    await bench.effectsOnce(2, 'metrics-other', tenant);
    expect(await watcher.metrics.text()).toContain('distributary_events_handled_total');
    await watcher.stop();
  });

  eventBatchesContract(() => ({ bench, broker }));
  eventReplicasContract(() => ({ bench, broker }));
  eventRetriesContract(() => ({ bench, broker }));
}
