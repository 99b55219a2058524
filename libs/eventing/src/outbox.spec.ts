import {
  EVENT_CONTRACTS,
  type EventContract,
  ITEMS_PER_EVENT_MAX,
  paymentReadyToPayV1,
} from '@libs/contracts';
import { isId, newId } from '@libs/kernel';
import { newTrace } from '@libs/observability';
import { TenantTx } from '@libs/persistence';
import fc from 'fast-check';
import { z } from 'zod';

import { CHUNK_BYTES_MAX, EVENT_BYTES_MAX } from './event-size';
import { EventNotValidError, EventTooLargeError } from './eventing.errors';
import { Outbox } from './outbox';
import { partitionOfKey } from './partition-of-key';
import { arbitraryOf } from './testing/arbitrary-of-schema';

interface Written {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: unknown;
}

const tenantId = newId();
const anyText: unknown = expect.stringMatching(/./);

/** A database transaction that only remembers what would be inserted. */
function rememberingTx(trace = newTrace()): { tx: TenantTx; written: Written[] } {
  const written: Written[] = [];
  const client = {
    query: async (_: string, columns: [string[], number[], string[], Buffer[], string[]]) => {
      const [topics, partitions, keys, values, headers] = columns;
      for (const [nr, value] of values.entries()) {
        written.push({
          topic: topics[nr] ?? '',
          partition: partitions[nr] ?? -1,
          key: keys[nr] ?? '',
          value,
          headers: JSON.parse(headers[nr] ?? ''),
        });
      }
      return { rows: [], rowCount: values.length };
    },
  };
  return { tx: new TenantTx(client as never, { tenantId, actor: 'system:test', trace }), written };
}

const outbox = new Outbox();
const account = `G${'A'.repeat(55)}`;
const asset = { id: newId(), code: 'USDC', issuer: account };
const payment = (memo: string): z.input<typeof paymentReadyToPayV1.data>['payments'][number] => ({
  id: newId(),
  dispatch: 1,
  receiver_wallet_id: newId(),
  amount: '100.0000000',
  destination: account,
  memo: { type: 'text', value: memo },
});

describe('the outbox', () => {
  it('writes the envelope with the tenant and the trace of the database transaction, on the partition of the key', async () => {
    const trace = newTrace();
    const { tx, written } = rememberingTx(trace);
    const key = newId();
    const contract = EVENT_CONTRACTS[0];
    const data = { disbursement_id: key, goal_version: 3 };
    await outbox.publish(tx, contract, { type: 'disbursement-paused', key, data });
    const [row] = written;
    const event = JSON.parse(row?.value.toString() ?? '') as { id: string; occurred_at: string };
    expect(isId(event.id)).toBe(true);
    expect(event.occurred_at).toMatch(/^\d{4}-.*Z$/);
    expect(event).toEqual({
      id: anyText,
      topic: contract.topic,
      key,
      tenant_id: tenantId,
      type: 'disbursement-paused',
      version: 1,
      occurred_at: anyText,
      trace,
      data,
    });
    expect(row).toMatchObject({ topic: contract.topic, key, partition: partitionOfKey(key, 12) });
    expect(row?.headers).toEqual({
      id: anyText,
      type: 'disbursement-paused',
      tenant: tenantId,
      traceparent: trace,
    });
  });

  it('refuses data that does not fit the contract, naming the field and not the value', async () => {
    const { tx, written } = rememberingTx();
    const data = { disbursement_id: 'the secret', goal_version: 3 };
    const publishing = outbox.publish(tx, EVENT_CONTRACTS[0], {
      type: 'disbursement-paused',
      key: 'k',
      data,
    });
    await expect(publishing).rejects.toThrow(EventNotValidError);
    await expect(publishing).rejects.toThrow(/status_changed does not fit its contract at disbursement_id/);
    await expect(publishing).rejects.not.toThrow(/the secret/);
    expect(written).toEqual([]);
  });

  it('refuses an event over 64 KiB and says what to do instead', async () => {
    const { tx, written } = rememberingTx();
    const payments = Array.from({ length: ITEMS_PER_EVENT_MAX }, () => payment('€'.repeat(28)));
    const event = {
      type: 'payment-direct-payment',
      key: 'k',
      data: { disbursement_id: null, asset, payments },
    } as const;
    const publishing = outbox.publish(tx, paymentReadyToPayV1, event);
    await expect(publishing).rejects.toThrow(EventTooLargeError);
    await expect(publishing).rejects.toThrow(/at most 65536 may be sent: use publishChunked/);
    expect(written).toEqual([]);
  });

  it('publishes nothing for an empty list', async () => {
    const { tx, written } = rememberingTx();
    await outbox.publishChunked(tx, paymentReadyToPayV1, {
      type: 'payment-direct-payment',
      key: 'k',
      items: [],
      toData: (payments) => ({ disbursement_id: null, asset, payments }),
    });
    expect(written).toEqual([]);
  });
});

const jsonSchemaOf = (schema: z.ZodType): unknown => z.toJSONSchema(schema);

/** The field of a contract that is a list, and the arbitrary of the rest with it. */
function listOf(
  contract: EventContract,
): { field: string; rest: fc.Arbitrary<object>; item: fc.Arbitrary<unknown> } | null {
  const schema = jsonSchemaOf(contract.data) as {
    properties: Record<string, { type?: string; items?: unknown }>;
  };
  const [field] = Object.entries(schema.properties).find(([, property]) => property.type === 'array') ?? [];
  if (field === undefined) return null;
  return {
    field,
    rest: arbitraryOf(jsonSchemaOf(contract.data)) as fc.Arbitrary<object>,
    item: arbitraryOf(schema.properties[field]?.items),
  };
}

describe('every event of the platform, at its largest', () => {
  const contracts: readonly EventContract[] = EVENT_CONTRACTS;

  it.each(
    contracts.filter((contract) => listOf(contract) === null).map((contract) => [contract.topic, contract]),
  )('%s stays below 64 KiB as a whole', async (_, contract) => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryOf(jsonSchemaOf(contract.data)),
        fc.constantFrom(...contract.types),
        async (data, type) => {
          const { tx, written } = rememberingTx();
          // The longest key there is, of the characters that take the most bytes.
          await outbox.publish(tx, contract, { type, key: '\u0001'.repeat(200), data });
          expect(written[0]?.value.byteLength).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(
    contracts.filter((contract) => listOf(contract) !== null).map((contract) => [contract.topic, contract]),
  )(
    '%s is cut so that none passes 48 KiB or 250 items, and nothing is lost or reordered',
    async (_, contract) => {
      const list = listOf(contract);
      if (list === null) throw new Error('not a list');
      await fc.assert(
        fc.asyncProperty(
          list.rest,
          fc.array(list.item, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 40 }),
          async (rest, some, times) => {
            const items = Array.from({ length: times }, () => some).flat();
            const { tx, written } = rememberingTx();
            await outbox.publishChunked(tx, contract, {
              type: contract.types[0] ?? '',
              key: '\u0001'.repeat(200),
              items,
              toData: (chunk) => ({ ...rest, [list.field]: chunk }),
            });
            const chunks = written.map(({ value }) => {
              expect(value.byteLength).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
              const event = JSON.parse(value.toString()) as { data: Record<string, unknown[]> };
              return event.data[list.field] ?? [];
            });
            for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(ITEMS_PER_EVENT_MAX);
            expect(JSON.stringify(chunks.flat())).toBe(JSON.stringify(items));
            // No cut was made too early: what follows would not have fitted.
            for (const [nr, { value }] of written.entries()) {
              const next = chunks[nr + 1]?.[0];
              if (next === undefined) continue;
              const full = chunks[nr]?.length === ITEMS_PER_EVENT_MAX;
              expect(
                full || value.byteLength + Buffer.byteLength(JSON.stringify(next)) + 1 > CHUNK_BYTES_MAX - 2,
              ).toBe(true);
            }
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it('holds with the worst memos that the contract lets through', async () => {
    for (const character of ['\u0001', '€', '😀', '"']) {
      const value = character.repeat(Math.floor(64 / character.length));
      const { tx, written } = rememberingTx();
      await outbox.publishChunked(tx, paymentReadyToPayV1, {
        type: 'payment-direct-payment',
        key: newId(),
        items: Array.from({ length: 1_000 }, () => payment(value)),
        toData: (payments) => ({ disbursement_id: newId(), asset, payments }),
      });
      const sizes = written.map((row) => row.value.byteLength);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
      expect(CHUNK_BYTES_MAX).toBeLessThan(EVENT_BYTES_MAX);
    }
  });
});
