import { type Sandbox, startSandbox } from './sandbox';
import { payTo } from './testing/conformance/operation-forms';
import { Stage, units } from './testing/conformance/stage';
import { at, type HttpAnswer, request } from './testing/ledger-client';

describe('Several nodes in front of one network', () => {
  let sandbox: Sandbox;
  let stage: Stage;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs: 300, nodes: 2, streamTickMs: 10 });
    stage = new Stage(sandbox);
    await stage.fund('A', 'B');
  });

  afterEach(async () => {
    await sandbox.close();
  });

  const latestOf = async (node: string): Promise<number> =>
    Number((await stage.client.get(`${node}/`)).json['history_latest_ledger']);

  const readerIs = async (body: object): Promise<HttpAnswer> => stage.client.control('/reader', body);

  it('reads as far as each was told to, and includes what any of them was given', async () => {
    await readerIs({ node: 2, lag: 3 });
    const envelope = await stage.envelope({
      source: stage.key('A'),
      operations: [payTo(stage.key('B'), units(1))],
    });
    const posted = await stage.client.post(envelope, '/nodes/2/transactions_async');
    expect(posted.status).toBe(201);
    await sandbox.closeLedger();
    const path = `/transactions/${String(sandbox.hashOf(envelope))}`;
    expect((await stage.client.get(path)).status).toBe(200);
    expect((await stage.client.get(`/nodes/2${path}`)).status).toBe(404);
    for (let ledgers = 0; ledgers < 3; ledgers += 1) await sandbox.closeLedger();
    const found = await stage.client.get(`/nodes/2${path}`);
    expect(found.status).toBe(200);
    expect(at(found.json, '_links', 'self', 'href')).toBe(`${sandbox.url}/nodes/2${path}`);
    expect((await latestOf('')) - (await latestOf('/nodes/2'))).toBe(3);
  });

  it('answers by turns where a balancer stands in front of them', async () => {
    await readerIs({ node: 2, frozen: true });
    await sandbox.closeLedger();
    const seen = [];
    for (let asked = 0; asked < 4; asked += 1) seen.push(await latestOf('/nodes/any'));
    const [first = 0, second = 0] = seen;
    expect(seen).toEqual([first, second, first, second]);
    expect(Math.abs(first - second)).toBe(1);
  });

  it('knows no node beyond those that there are', async () => {
    expect((await stage.client.get('/nodes/3/')).status).toBe(404);
    expect((await readerIs({ node: 3, lag: 1 })).status).toBe(400);
  });

  it('cuts the connections of a node that is down, and of no other', async () => {
    await readerIs({ node: 2, down: true });
    await expect(stage.client.get('/nodes/2/')).rejects.toThrow();
    expect((await stage.client.get('/')).status).toBe(200);
    await readerIs({ node: 2, down: false });
    expect((await stage.client.get('/nodes/2/')).status).toBe(200);
  });

  it('shows another passphrase at the node that was told to', async () => {
    await readerIs({ node: 2, passphrase: 'Another Network' });
    expect((await stage.client.get('/nodes/2/')).json['network_passphrase']).toBe('Another Network');
    expect((await stage.client.get('/')).json['network_passphrase']).toBe(sandbox.passphrase);
  });

  it('leaves a node with the old history when a reset passes it by', async () => {
    for (let ledgers = 0; ledgers < 5; ledgers += 1) await sandbox.closeLedger();
    const before = await latestOf('');
    await stage.client.control('/reset', { nodes: [1] });
    await sandbox.closeLedger();
    expect(await latestOf('')).toBe(2);
    expect(await latestOf('/nodes/2')).toBe(before);
    const [old, fresh] = [await stage.client.get('/nodes/2/ledgers/2'), await stage.client.get('/ledgers/2')];
    expect(old.json['hash']).not.toBe(fresh.json['hash']);
  });

  it('strikes only the node that a fault is for', async () => {
    const action = { kind: 'respond', status: 503 };
    await stage.client.control('/faults', { action, method: 'GET', path: '/fee_stats', node: 2 });
    expect((await stage.client.get('/fee_stats')).status).toBe(200);
    expect((await stage.client.get('/nodes/2/fee_stats')).status).toBe(503);
  });

  describe('with streams in trouble', () => {
    const ledgersFrom = async (cursor: number): Promise<number[]> => {
      const answer = await request(`${sandbox.url}/ledgers?limit=4&cursor=${String(BigInt(cursor) << 32n)}`, {
        headers: { accept: 'text/event-stream' },
        signal: AbortSignal.timeout(2_000),
      });
      return [...answer.text.matchAll(/^id: (\d+)$/gm)].map(([, id = '0']) => Number(BigInt(id) >> 32n));
    };

    it('leaves out every so-many-th event', async () => {
      for (let ledgers = 0; ledgers < 6; ledgers += 1) await sandbox.closeLedger();
      await stage.client.control('/streams', { loseEvery: 2 });
      expect(await ledgersFrom(1)).toEqual([2, 4]);
      await stage.client.control('/streams', {});
      expect(await ledgersFrom(1)).toEqual([2, 3, 4, 5]);
    });

    it('cuts the connection after some events, or never says anything', async () => {
      for (let ledgers = 0; ledgers < 6; ledgers += 1) await sandbox.closeLedger();
      await stage.client.control('/streams', { cutAfter: 2 });
      await expect(ledgersFrom(1)).rejects.toThrow('terminated');
      await stage.client.control('/streams', { silent: true });
      await expect(ledgersFrom(1)).rejects.toThrow('timeout');
    });
  });
});
