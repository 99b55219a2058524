import { Keypair } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from '../../sandbox';
import { at, type HttpAnswer } from '../ledger-client';
import { recorded } from './corpus';
import { create, payTo } from './operation-forms';
import { rootKey } from '../../engine/genesis';
import { Stage, units } from './stage';

const surge = recorded('surge');
const fieldsOf = (scenario: string): Readonly<Record<string, unknown>> =>
  [...surge, ...recorded('load')].find((one) => one.scenario === scenario)?.fields ?? {};

describe('A sandbox with more to do than fits into a ledger behaves as a real network', () => {
  let sandbox: Sandbox;
  let stage: Stage;

  async function open(submitTimeoutMs: number): Promise<void> {
    sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs });
    stage = new Stage(sandbox);
    await stage.fund('B');
  }

  beforeEach(() => open(30_000));

  afterEach(async () => {
    await sandbox.close();
  });

  async function payers(count: number): Promise<Keypair[]> {
    const keys = Array.from({ length: count }, () => Keypair.random());
    for (let from = 0; from < count; from += 100) {
      const operations = keys.slice(from, from + 100).map((key) => create(key, units(100)));
      await stage.do(rootKey(sandbox.passphrase), operations);
    }
    return keys;
  }

  const payment = async (source: Keypair, fee: number, operations = 1): Promise<string> =>
    stage.envelope({
      source,
      fee,
      operations: Array.from({ length: operations }, () => payTo(stage.key('B'), 1n)),
    });

  /** Posts all in this order, closes ledgers until all answered. */
  async function postAll(envelopes: readonly string[]): Promise<HttpAnswer[]> {
    let answered = 0;
    const posts: Promise<HttpAnswer>[] = [];
    for (const envelope of envelopes) {
      posts.push(
        stage.client.post(envelope).finally(() => {
          answered += 1;
        }),
      );
      // One after the other, as the recorded order of arrival shows.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    while (answered < envelopes.length) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sandbox.closeLedger();
    }
    return Promise.all(posts);
  }

  it('surge_20_tx_capacity_5_ops', async () => {
    const responses = fieldsOf('surge_20_tx_capacity_5_ops')['responses'];
    const expected = Array.isArray(responses) ? responses : [];
    // What is pushed out of the queue is answered only when the time for an answer is over.
    await sandbox.close();
    await open(3_000);
    const sources = await payers(expected.length);
    await stage.client.control('/core', { capacity: 5 });
    const bids = expected.map((one: unknown) => Number(at(one, 'bid')));
    const envelopes = await Promise.all(
      sources.map(async (source, index) => payment(source, bids[index] ?? 0)),
    );
    const answers = await postAll(envelopes);
    // Whether a cheap one is refused at once or pushed out later depends on who came first.
    const pictures = answers.map(({ json, status }, index) => [
      bids[index],
      status === 200,
      json['fee_charged'],
    ]);
    const recordedPictures = expected.map((one: unknown) => [
      at(one, 'bid'),
      at(one, 'http_status') === 200,
      at(one, 'fee_charged') ?? undefined,
    ]);
    expect(pictures).toEqual(recordedPictures);
    for (const { json, status } of answers) {
      if (status === 200 || status === 504) continue;
      expect(at(json, 'extras', 'result_codes', 'transaction')).toBe('tx_insufficient_fee');
    }
  });

  it('queue_overflow_60_tx_capacity_5_ops', async () => {
    const sources = await payers(60);
    await stage.client.control('/core', { capacity: 5 });
    const answers = await postAll(await Promise.all(sources.map(async (source) => payment(source, 100))));
    const counts: Record<string, number> = {};
    for (const { json, status } of answers) {
      const word = status === 200 ? '"ok"' : JSON.stringify(at(json, 'extras', 'result_codes'));
      counts[`${String(status)} ${word}`] = (counts[`${String(status)} ${word}`] ?? 0) + 1;
    }
    expect(counts).toEqual(fieldsOf('queue_overflow_60_tx_capacity_5_ops')['counts']);
  });

  it('back_to_capacity_1000', async () => {
    const [source] = await payers(1);
    await stage.client.control('/core', { capacity: 5 });
    await sandbox.closeLedger();
    await stage.client.control('/core', { capacity: 1000 });
    const answer = await stage.include(await payment(source ?? Keypair.random(), 1000));
    expect([answer.status, answer.json['fee_charged']]).toEqual([
      200,
      at(fieldsOf('back_to_capacity_1000')['r'], 3),
    ]);
  });

  it('burst_300_accounts', async () => {
    const sources = await payers(300);
    const answers = await postAll(await Promise.all(sources.map(async (source) => payment(source, 100))));
    expect({ '200': answers.filter(({ status }) => status === 200).length }).toEqual(
      fieldsOf('burst_300_accounts')['counts'],
    );
  });

  it('fifteen_100_op_transactions', async () => {
    const sources = await payers(15);
    const answers = await postAll(
      await Promise.all(sources.map(async (source) => payment(source, 20_000, 100))),
    );
    const charged = answers.map(({ json }) => String(json['fee_charged'])).sort();
    const outcome = fieldsOf('fifteen_100_op_transactions')['outcome'];
    const recordedCharges = Object.entries(outcome ?? {}).flatMap(([text, count]) =>
      Array.from({ length: Number(count) }, () => text.split(' ').at(-1)),
    );
    expect(charged).toEqual(recordedCharges.sort());
  });

  it('forgets a surge in its fee statistics after five ledgers', async () => {
    const [source] = await payers(1);
    await stage.client.control('/core', { leastRate: 700 });
    await stage.include(await payment(source ?? Keypair.random(), 900));
    const { json } = await stage.client.get('/fee_stats');
    expect([at(json, 'fee_charged', 'max'), at(json, 'max_fee', 'max')]).toEqual(['700', '900']);
    for (let closed = 0; closed < 5; closed += 1) await sandbox.closeLedger();
    const { json: later } = await stage.client.get('/fee_stats');
    expect([at(later, 'fee_charged', 'max'), at(later, 'max_fee', 'max')]).toEqual(['100', '100']);
  });

  it('covers every recorded scenario of congestion and load', () => {
    const names = [...surge, ...recorded('load')].map(({ scenario }) => scenario).sort();
    expect(names).toEqual([
      'back_to_capacity_1000',
      'burst_300_accounts',
      'fifteen_100_op_transactions',
      'queue_overflow_60_tx_capacity_5_ops',
      'surge_20_tx_capacity_5_ops',
    ]);
  });
});
