import { type Sandbox, startSandbox } from '../../sandbox';
import { at, type HttpAnswer, recordOf } from '../ledger-client';
import { recorded } from './corpus';
import { payTo } from './operation-forms';
import { Stage, units } from './stage';

const scenarios = recorded('outage');
const fieldsOf = (scenario: string): Readonly<Record<string, unknown>> =>
  scenarios.find((one) => one.scenario === scenario)?.fields ?? {};

describe('The sandbox fails as a real network does', () => {
  let sandbox: Sandbox;
  let stage: Stage;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs: 300 });
    stage = new Stage(sandbox);
    await stage.fund('A', 'B');
  });

  afterEach(async () => {
    await sandbox.close();
  });

  const payment = async (): Promise<string> =>
    stage.envelope({ source: stage.key('A'), operations: [payTo(stage.key('B'), units(1))] });

  const lookup = async (envelope: string): Promise<number> =>
    (await stage.client.get(`/transactions/${String(sandbox.hashOf(envelope))}`)).status;

  const health = async (): Promise<[number, unknown]> => {
    const { json, status } = await stage.client.get('/health');
    return [status, json];
  };

  it('ingestion_stalled, repost_after_504', async () => {
    const fields = fieldsOf('ingestion_stalled');
    const envelope = await payment();
    await stage.client.control('/reader', { frozen: true });
    const answer = await stage.include(envelope);
    expect({
      status: answer.status,
      type: answer.json['type'],
      title: answer.json['title'],
      extras: Object.keys(recordOf(answer.json['extras'])).sort(),
      lookup: await lookup(envelope),
      health: await health(),
    }).toEqual({
      status: fields['http_status'],
      type: fields['type'],
      title: fields['title'],
      extras: fields['extras_keys'],
      lookup: fields['lookup_during'],
      health: fields['health_during'],
    });
    const { json: root } = await stage.client.get('/');
    expect(Number(root['core_latest_ledger'])).toBeGreaterThan(Number(root['history_latest_ledger']));
    await stage.client.control('/reader', { frozen: false });
    expect(await lookup(envelope)).toBe(fields['lookup_after_resume']);
    const again = await stage.client.post(envelope);
    expect([again.status, again.json['ledger']]).toEqual([
      fieldsOf('repost_after_504')['http_status'],
      root['core_latest_ledger'],
    ]);
  });

  it('validator_stopped_45s, lookup_after_validator_resumed, repost_after_validator_resumed', async () => {
    const fields = fieldsOf('validator_stopped_45s');
    const envelope = await payment();
    await stage.client.control('/core', { hung: true });
    let answer: HttpAnswer | undefined;
    const posting = stage.client.post(envelope).then((one) => {
      answer = one;
      return one;
    });
    await sandbox.closeLedger();
    // Longer than a submission waits for its ledger: that time counts from the core's answer.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([answer, await health()]).toEqual([undefined, fields['health_during']]);
    expect((await stage.client.get(`/accounts/${stage.key('A').publicKey()}`)).status).toBe(200);
    await stage.client.control('/core', { hung: false });
    while (sandbox.queueSize === 0) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.closeLedger();
    const { json, status } = await posting;
    expect([status, json['successful']]).toEqual([fields['http_status'], fields['successful']]);
    expect(await lookup(envelope)).toBe(fieldsOf('lookup_after_validator_resumed')['lookup']);
    expect((await stage.client.post(envelope)).status).toBe(
      fieldsOf('repost_after_validator_resumed')['http_status'],
    );
  });

  it('covers every recorded outage', () => {
    expect(scenarios.map(({ scenario }) => scenario).sort()).toEqual([
      'ingestion_stalled',
      'lookup_after_validator_resumed',
      'repost_after_504',
      'repost_after_validator_resumed',
      'validator_stopped_45s',
    ]);
  });

  it('answers all of one request from one ledger, which its header names', async () => {
    await stage.client.control('/reader', { lag: 2 });
    const path = `/accounts/${stage.key('A').publicKey()}`;
    const before = await stage.client.get(path);
    await stage.include(await payment());
    const behind = await stage.client.get(path);
    expect(at(behind.json, 'sequence')).toBe(at(before.json, 'sequence'));
    expect(behind.headers.get('latest-ledger')).toBe(before.headers.get('latest-ledger'));
    await sandbox.closeLedger();
    await sandbox.closeLedger();
    const later = await stage.client.get(path);
    expect(BigInt(String(later.json['sequence']))).toBe(BigInt(String(before.json['sequence'])) + 1n);
    expect(Number(later.headers.get('latest-ledger'))).toBeGreaterThan(
      Number(before.headers.get('latest-ledger')),
    );
  });
});
