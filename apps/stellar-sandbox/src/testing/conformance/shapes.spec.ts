import { type Sandbox, startSandbox } from '../../sandbox';
import { type HttpAnswer, isRecord } from '../ledger-client';
import { MEMOS } from './bounds-scenarios';
import { recorded } from './corpus';
import { muxedOfKey } from './envelope-form';
import { create, data, keySigner, merge, options, payMuxed, payTo } from './operation-forms';
import { shapeOf } from './shape-of';
import { Stage, units } from './stage';

const LEFT_OUT: Readonly<Record<string, string>> = {
  shape_account_effects: 'this network keeps no effects and answers 501',
};

const scenarios = recorded('shapes');
const shapes = scenarios.filter(
  ({ fields, scenario }) => fields['shape'] !== undefined && LEFT_OUT[scenario] === undefined,
);
const memos = scenarios.filter(({ scenario }) => scenario.startsWith('memo_json_'));

describe('The JSON of the sandbox has the shape of a real network', () => {
  let sandbox: Sandbox;
  let stage: Stage;
  const answers = new Map<string, HttpAnswer>();

  const ask = async (scenario: string, path: string): Promise<void> => {
    answers.set(scenario, await stage.client.get(path));
  };

  const post = async (envelope: string): Promise<[HttpAnswer, string]> => {
    const answer = await stage.include(envelope);
    return [answer, String(sandbox.hashOf(envelope))];
  };

  beforeAll(async () => {
    sandbox = await startSandbox({ closeMs: 0, friendbot: false });
    // The recorded list of accounts begins with F, and lists go by address.
    do stage = new Stage(sandbox);
    while (stage.key('F').publicKey() > stage.key('A').publicKey());
    await stage.fund('A', 'B', 'F', 'I');
    await stage.trustUsd(units(1000), 'A', 'B');
    await stage.do(stage.key('A'), [create(stage.key('M'), units(3))]);
    await stage.do(stage.key('I'), [options({ setFlags: 3, homeDomain: 'i.test' })]);
    await stage.issueUsd('A', units(50));
    const [a, b] = [stage.key('A'), stage.key('B')];
    const operations = [payTo(b, units(5), stage.usd), payTo(b, units(1))];
    const [included, hash] = await post(
      await stage.envelope({ source: a, operations, fee: 2000, memo: memoOf('text_utf8') }),
    );
    answers.set('shape_post_transactions_200', included);
    const [, muxedHash] = await post(
      await stage.envelope({
        source: b,
        fee: 1000,
        memo: memoOf('id_max'),
        operations: [payMuxed(muxedOfKey(a, 12_345n), units(1))],
      }),
    );
    await stage.do(a, [options({ signer: keySigner(stage.key('F'), 1) }), data('k', 'v')]);
    const [bumped, bumpHash] = await post(
      await stage.bump({ source: a, operations: [payTo(b, units(1), stage.usd)] }, { fee: 400n }),
    );
    answers.set('shape_post_feebump_200', bumped);
    const [failed, failedHash] = await post(
      await stage.envelope({ source: a, operations: [payTo(b, units(5000), stage.usd)] }),
    );
    answers.set('shape_post_transactions_400', failed);
    await stage.do(stage.key('M'), [merge(b)]);
    const [A, B, I, F, M] = ['A', 'B', 'I', 'F', 'M'].map((role) => stage.key(role).publicKey());
    const paths: Readonly<Record<string, string>> = {
      shape_account: `/accounts/${String(A)}`,
      shape_account_issuer: `/accounts/${String(I)}`,
      shape_transaction: `/transactions/${hash}`,
      shape_transaction_muxed_memo_id: `/transactions/${muxedHash}`,
      shape_transaction_feebump: `/transactions/${bumpHash}`,
      shape_transaction_failed: `/transactions/${failedHash}`,
      shape_account_payments: `/accounts/${String(A)}/payments?limit=20&order=asc&join=transactions`,
      shape_account_payments_include_failed: `/accounts/${String(A)}/payments?include_failed=true&order=desc&limit=1`,
      shape_payments_of_B: `/accounts/${String(B)}/payments?order=asc`,
      shape_tx_operations: `/transactions/${hash}/operations`,
      shape_account_transactions_failed_hidden: `/accounts/${String(A)}/transactions?order=desc&limit=1`,
      shape_fee_stats: '/fee_stats',
      shape_root: '/',
      shape_ledgers: '/ledgers?order=desc&limit=1',
      shape_asset: `/assets?asset_code=USD&asset_issuer=${String(I)}`,
      shape_account_data: `/accounts/${String(A)}/data/k`,
      shape_account_data_missing: `/accounts/${String(A)}/data/zz`,
      shape_accounts_by_signer: `/accounts?signer=${String(F)}`,
      shape_merged_account: `/accounts/${String(M)}`,
      shape_merged_account_payments: `/accounts/${String(M)}/payments`,
      shape_empty_page: `/accounts/${String(A)}/offers`,
      shape_health: '/health',
    };
    for (const [scenario, path] of Object.entries(paths)) await ask(scenario, path);
  });

  afterAll(async () => {
    await sandbox.close();
  });

  it.each(shapes.map(({ fields, scenario }) => ({ scenario, fields })))(
    '$scenario',
    ({ fields, scenario }) => {
      const answer = answers.get(scenario);
      if (answer === undefined) throw new Error(`nobody asked for ${scenario}`);
      expect(answer.status).toBe(fields['http_status']);
      const { content_type: type, headers } = fields;
      if (type !== undefined) expect(answer.headers.get('content-type')).toBe(type);
      for (const header of Array.isArray(headers) ? headers : []) {
        expect([header, answer.headers.has(String(header))]).toEqual([header, true]);
      }
      if (Array.isArray(headers) && !headers.includes('latest-ledger')) {
        expect(answer.headers.has('latest-ledger')).toBe(false);
      }
      expect(shapeOf(answer.json)).toEqual(fields['shape']);
    },
  );

  it.each(memos.map(({ fields, scenario }) => ({ scenario, fields })))(
    '$scenario',
    async ({ fields, scenario }) => {
      const memo = memoOf(scenario.slice('memo_json_'.length));
      const operations = [payTo(stage.key('B'), units(1))];
      const { json } = await stage.include(
        await stage.envelope({ source: stage.key('A'), operations, memo }),
      );
      const { memo: text, memo_bytes: bytes, memo_type: type } = json;
      expect({ text, bytes, type, present: 'memo' in json }).toEqual({
        text: fields['memo'],
        bytes: fields['memo_bytes'],
        type: fields['memo_type'],
        present: fields['has_memo_key'],
      });
    },
  );

  it('covers every recorded shape, or says why not', () => {
    const covered = [...shapes, ...memos].map(({ scenario }) => scenario);
    expect([...covered, ...Object.keys(LEFT_OUT)].sort()).toEqual(
      scenarios.map(({ scenario }) => scenario).sort(),
    );
  });

  it('says that it keeps no effects instead of making some up', async () => {
    const { json, status } = await stage.client.get(`/accounts/${stage.key('A').publicKey()}/effects`);
    expect([status, isRecord(json) && json['title']]).toEqual([501, 'Resource Not Yet Implemented']);
  });
});

function memoOf(name: string) {
  const memo = MEMOS[name];
  if (memo === undefined) throw new Error(`there is no memo called ${name}`);
  return memo;
}
