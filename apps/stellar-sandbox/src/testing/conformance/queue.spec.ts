import type { xdr } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from '../../sandbox';
import { at, type HttpAnswer, textOf } from '../ledger-client';
import { recorded } from './corpus';
import { decodedResult } from './decoded-result';
import { bumpOfForm, envelopeOfForm, sealForm } from './envelope-form';
import { create, payTo } from './operation-forms';
import { Stage, units } from './stage';

const TIMEOUT_MS = 400;

/** An answer in a word: `200`, `504`, or `400 tx_bad_seq`. */
const wordOf = (status: unknown, codes: unknown): string => {
  const code = textOf(at(codes, 'operations', 0) ?? at(codes, 'transaction'));
  return `${textOf(status)} ${code}`.trimEnd();
};

const word = ({ json, status }: HttpAnswer): string => wordOf(status, at(json, 'extras', 'result_codes'));

const scenarios = [...recorded('queue'), ...recorded('async'), ...recorded('core')];

const recordedWords = (scenario: string): string[] => {
  const responses = scenarios.find((one) => one.scenario === scenario)?.fields['responses'];
  return Array.isArray(responses)
    ? responses.map((one: unknown) => wordOf(at(one, 'http_status'), at(one, 'result_codes')))
    : [];
};

/** Which of several sent at once reaches the core first is chance: the winner gets in, the others either wait in vain or are out of sequence. */
const LOSER = /^(504|400 tx_bad_seq)$/;
const onlyOneWins = (words: readonly string[]): boolean =>
  words.filter((one) => one === '200').length === 1 && words.every((one) => one === '200' || LOSER.test(one));

const covered = new Set<string>();
/** A test that replays one recorded scenario. */
function replay(scenario: string, act: () => Promise<void>): void {
  covered.add(scenario);
  it(scenario, act);
}

describe('The queue of the sandbox behaves as that of a real network', () => {
  let sandbox: Sandbox;
  let stage: Stage;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs: TIMEOUT_MS });
    stage = new Stage(sandbox);
    await stage.fund('A', 'B', 'F');
  });

  afterEach(async () => {
    await sandbox.close();
  });

  const payment = async (ahead: bigint, more: { fee?: number; amount?: bigint } = {}): Promise<string> => {
    const { amount = units(1), fee = 100 } = more;
    const source = stage.key('A');
    const sequence = (await stage.sequence(source)) + ahead;
    return stage.envelope({ source, sequence, fee, operations: [payTo(stage.key('B'), amount)] });
  };

  /** Posts all at once, closes a ledger when they are in, and answers when all answered. */
  async function atOnce(envelopes: readonly string[]): Promise<HttpAnswer[]> {
    const posts = envelopes.map(async (envelope) => stage.client.post(envelope));
    await settled();
    await sandbox.closeLedger();
    return Promise.all(posts);
  }

  /** Until something is queued and everything sent so far was looked at. */
  async function settled(): Promise<void> {
    while (sandbox.queueSize === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  replay('dup_same_envelope_concurrent', async () => {
    const envelope = await payment(1n);
    const answers = await atOnce([envelope, envelope]);
    expect(answers.map(word)).toEqual(recordedWords('dup_same_envelope_concurrent'));
    expect(answers[0]?.json['hash']).toBe(answers[1]?.json['hash']);
  });

  replay('dup_same_envelope_after_inclusion', async () => {
    const envelope = await payment(1n);
    const first = await stage.include(envelope);
    const again = await stage.client.post(envelope);
    expect([word(again)]).toEqual(recordedWords('dup_same_envelope_after_inclusion'));
    expect(again.json).toEqual(first.json);
  });

  replay('dup_same_envelope_after_6_ledgers', async () => {
    const envelope = await payment(1n);
    await stage.include(envelope);
    for (let closed = 0; closed < 6; closed += 1) await sandbox.closeLedger();
    expect([word(await stage.client.post(envelope))]).toEqual(
      recordedWords('dup_same_envelope_after_6_ledgers'),
    );
  });

  replay('dup_failed_tx', async () => {
    const answer = await stage.include(await payment(1n, { amount: units(1000) }));
    expect([word(answer)]).toEqual(recordedWords('dup_failed_tx'));
  });

  replay('dup_failed_tx_again', async () => {
    const envelope = await payment(1n, { amount: units(1000) });
    await stage.include(envelope);
    expect([word(await stage.client.post(envelope))]).toEqual(recordedWords('dup_failed_tx_again'));
  });

  replay('two_tx_one_source_same_ledger', async () => {
    const words = (await atOnce([await payment(1n), await payment(2n)])).map(word);
    expect(onlyOneWins(words)).toBe(true);
    expect(onlyOneWins(recordedWords('two_tx_one_source_same_ledger'))).toBe(true);
  });

  replay('two_tx_one_source_reverse_order', async () => {
    const late = await stage.client.post(await payment(2n));
    const first = await stage.include(await payment(1n));
    expect([word(late), word(first)]).toEqual(recordedWords('two_tx_one_source_reverse_order'));
  });

  for (const [scenario, count] of [
    ['five_tx_one_source_at_once', 5n],
    ['thirty_tx_one_source_at_once', 30n],
  ] as const) {
    replay(scenario, async () => {
      const envelopes: string[] = [];
      for (let ahead = 1n; ahead <= count; ahead += 1n) envelopes.push(await payment(ahead));
      const words = (await atOnce(envelopes)).map(word);
      expect(onlyOneWins(words)).toBe(true);
      expect(onlyOneWins(recordedWords(scenario))).toBe(true);
    });
  }

  replay('two_different_tx_same_seq', async () => {
    const envelopes = [await payment(1n), await payment(1n, { amount: units(2) })];
    const words = (await atOnce(envelopes)).map(word);
    expect(words.sort()).toEqual(recordedWords('two_different_tx_same_seq').sort());
  });

  /** One waits in the queue; then another is posted; then a ledger closes. */
  async function oneAfterTheOther(first: string, second: string): Promise<HttpAnswer[]> {
    const posting = stage.client.post(first);
    await settled();
    const other = stage.client.post(second);
    await settled();
    await sandbox.closeLedger();
    return Promise.all([posting, other]);
  }

  replay('same_seq_replace_by_10x_fee', async () => {
    const answers = await oneAfterTheOther(await payment(1n), await payment(1n, { fee: 1000 }));
    expect(answers.map(word)).toEqual(recordedWords('same_seq_replace_by_10x_fee'));
  });

  async function paymentAndBump(fee: bigint): Promise<[string, string]> {
    const operations = [payTo(stage.key('B'), units(1))];
    const form = await stage.form({ source: stage.key('A'), operations });
    const feeSource = stage.key('F');
    const outer = { feeSource, fee, signers: [feeSource], passphrase: sandbox.passphrase };
    return [envelopeOfForm(form), bumpOfForm({ ...outer, inner: sealForm(form) })];
  }

  replay('replace_by_feebump_low', async () => {
    const answers = await oneAfterTheOther(...(await paymentAndBump(400n)));
    expect(answers.map(word)).toEqual(recordedWords('replace_by_feebump_low'));
    expect(decodedResult(String(at(answers[1]?.json, 'extras', 'result_xdr')))).toEqual({
      code: 'txInsufficientFee',
      fee_charged: '2000',
    });
  });

  replay('replace_by_feebump_10x', async () => {
    const answers = await oneAfterTheOther(...(await paymentAndBump(2000n)));
    expect(answers.map(word)).toEqual(recordedWords('replace_by_feebump_10x'));
    const responses = scenarios.find(({ scenario }) => scenario === 'replace_by_feebump_10x')?.fields[
      'responses'
    ];
    for (const [index, { json }] of answers.entries()) {
      expect([json['fee_charged'], json['max_fee']]).toEqual([
        at(responses, index, 'fee_charged'),
        at(responses, index, 'max_fee'),
      ]);
    }
    expect(answers[0]?.json['hash']).not.toBe(answers[1]?.json['hash']);
  });

  replay('chained_spend_same_ledger', async () => {
    const newcomer = stage.key('N');
    const funding = await stage.envelope({
      source: stage.key('A'),
      operations: [create(newcomer, units(10))],
    });
    const operations = [payTo(stage.key('B'), units(1))];
    const spending = await stage.envelope({ source: newcomer, sequence: 1n, operations });
    const answers = await oneAfterTheOther(funding, spending);
    expect(answers.map(word)).toEqual(recordedWords('chained_spend_same_ledger'));
  });

  replay('second_tx_cannot_pay_fee_after_first', async () => {
    const emptying = await payment(1n, { amount: 989_999_900n });
    const answers = await oneAfterTheOther(emptying, await payment(2n));
    expect(answers.map(word)).toEqual(recordedWords('second_tx_cannot_pay_fee_after_first'));
  });

  replay('lookup_while_pending', async () => {
    const envelope = await payment(1n);
    const posting = stage.client.post(envelope);
    await settled();
    const path = `/transactions/${String(sandbox.hashOf(envelope))}`;
    expect((await stage.client.get(path)).status).toBe(404);
    await sandbox.closeLedger();
    expect((await posting).status).toBe(200);
    expect((await stage.client.get(path)).status).toBe(200);
  });

  const tell = async (envelope: string): Promise<[number, unknown, unknown]> => {
    const { json, status } = await stage.client.post(envelope, '/transactions_async');
    const error = json['error_result_xdr'];
    return [
      status,
      json['tx_status'],
      error === undefined ? undefined : at(decodedResult(textOf(error)), 'code'),
    ];
  };

  const recordedAnswers = (scenario: string): [unknown, unknown, unknown][] => {
    const answers = scenarios.find((one) => one.scenario === scenario)?.fields['answers'];
    return (Array.isArray(answers) ? answers : []).map((one: unknown): [unknown, unknown, unknown] => [
      at(one, 'http_status'),
      at(one, 'tx_status') ?? at(one, 'status'),
      at(one, 'code') ?? at(one, 'decoded', 'code'),
    ]);
  };

  /** What the core said directly; the asynchronous endpoint passes it on. */
  const statuses = (answers: readonly (readonly [unknown, unknown, unknown])[]): unknown[] =>
    answers.map(([, status, code]) => [status, code]);

  replay('async_ok_then_duplicate', async () => {
    const envelope = await payment(1n);
    const answers = [await tell(envelope), await tell(envelope)];
    expect(answers).toEqual(recordedAnswers('async_ok_then_duplicate'));
  });

  replay('async_after_inclusion', async () => {
    const envelope = await payment(1n);
    await stage.include(envelope);
    expect([await tell(envelope)]).toEqual(recordedAnswers('async_after_inclusion'));
  });

  replay('async_two_tx_one_source', async () => {
    const [first, second] = [await payment(1n), await payment(2n)];
    const answers = [await tell(first), await tell(second)];
    await sandbox.closeLedger();
    answers.push(await tell(second));
    expect(answers).toEqual(recordedAnswers('async_two_tx_one_source'));
  });

  replay('async_errors', async () => {
    const source = stage.key('A');
    const operations = [payTo(stage.key('B'), units(1))];
    const unsigned = await stage.envelope({ source, operations, signers: [] });
    const underfunded = await payment(1n, { amount: units(1000) });
    const answers = [
      await tell(unsigned),
      await tell(await payment(2n)),
      await tell('AAAA'),
      await tell(underfunded),
    ];
    expect(answers).toEqual(recordedAnswers('async_errors'));
  });

  replay('sync_bad_seq_gap_timing', async () => {
    // No ledger closes meanwhile, so the answer came at once.
    expect(word(await stage.client.post(await payment(2n)))).toBe('400 tx_bad_seq');
  });

  replay('core_duplicate', async () => {
    const envelope = await payment(1n);
    const answers = [await tell(envelope), await tell(envelope)];
    await sandbox.closeLedger();
    answers.push(await tell(envelope));
    expect(statuses(answers)).toEqual(statuses(recordedAnswers('core_duplicate')));
  });

  replay('core_two_tx_one_source', async () => {
    const answers: [unknown, unknown, unknown][] = [];
    for (const envelope of [await payment(1n), await payment(2n), await payment(1n, { amount: 1n })]) {
      answers.push(await tell(envelope));
    }
    expect(statuses(answers)).toEqual(statuses(recordedAnswers('core_two_tx_one_source')));
  });

  replay('core_seq_gap', async () => {
    expect(statuses([await tell(await payment(2n))])).toEqual(statuses(recordedAnswers('core_seq_gap')));
  });

  replay('core_bad_auth', async () => {
    const operations: xdr.Operation[] = [payTo(stage.key('B'), units(1))];
    const unsigned = await stage.envelope({ source: stage.key('A'), operations, signers: [] });
    expect(statuses([await tell(unsigned)])).toEqual(statuses(recordedAnswers('core_bad_auth')));
  });

  replay('core_replace_by_feebump', async () => {
    const [inner] = await paymentAndBump(0n);
    const answers: [unknown, unknown, unknown][] = [await tell(inner)];
    for (const fee of [400n, 1998n, 2000n]) {
      const [, envelope] = await paymentAndBump(fee);
      answers.push(await tell(envelope));
    }
    expect(statuses(answers)).toEqual(statuses(recordedAnswers('core_replace_by_feebump')));
  });

  replay('core_failed_then_again', async () => {
    const envelope = await payment(1n, { amount: units(1000) });
    const answers = [await tell(envelope)];
    await sandbox.closeLedger();
    answers.push(await tell(envelope));
    expect(statuses(answers)).toEqual(statuses(recordedAnswers('core_failed_then_again')));
  });

  replay('second_tx_reposted_while_first_post_waits', async () => {
    const [first, second] = [await payment(1n), await payment(2n)];
    const posts = [stage.client.post(first)];
    await settled();
    posts.push(stage.client.post(second));
    await settled();
    await sandbox.closeLedger();
    const again = await stage.include(second);
    expect([...(await Promise.all(posts)), again].map(word)).toEqual(['200', '200', '200']);
  });

  replay('five_tx_one_source_sequential', async () => {
    const words: string[] = [];
    for (let count = 0; count < 5; count += 1) words.push(word(await stage.include(await payment(1n))));
    expect(words).toEqual(['200', '200', '200', '200', '200']);
  });

  it('drops what waited for four ledgers, and refuses its hash for ten', async () => {
    await stage.client.control('/faults', { action: { kind: 'drop', how: 'with_age' }, count: 1 });
    const envelope = await payment(1n);
    expect(await tell(envelope)).toEqual([201, 'PENDING', undefined]);
    for (let closed = 0; closed < 4; closed += 1) {
      expect(sandbox.queueSize).toBe(1);
      await sandbox.closeLedger();
    }
    expect(sandbox.queueSize).toBe(0);
    for (let closed = 0; closed < 10; closed += 1) {
      expect(await tell(envelope)).toEqual([503, 'TRY_AGAIN_LATER', undefined]);
      await sandbox.closeLedger();
    }
    expect(await tell(envelope)).toEqual([201, 'PENDING', undefined]);
    await sandbox.closeLedger();
    expect((await stage.client.get(`/transactions/${String(sandbox.hashOf(envelope))}`)).status).toBe(200);
  });

  it('replays every recorded scenario of the queue', () => {
    // A measurement of the recorded machine, with nothing to compare.
    covered.add('post_latency');
    expect(scenarios.map(({ scenario }) => scenario).filter((scenario) => !covered.has(scenario))).toEqual(
      [],
    );
  });
});
