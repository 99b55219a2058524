import { payTo } from '../testing/conformance/operation-forms';
import { Stage, units } from '../testing/conformance/stage';
import { type Sandbox, startSandbox } from '../sandbox';
import { at } from '../testing/ledger-client';
import { randomSource } from './random-source';

describe('Faults on demand', () => {
  let sandbox: Sandbox;
  let stage: Stage;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, submitTimeoutMs: 300 });
    stage = new Stage(sandbox);
    await stage.fund('A', 'B', 'C');
  });

  afterEach(async () => {
    await sandbox.close();
  });

  const fault = async (request: unknown): Promise<number> => {
    const { json, status, text } = await stage.client.control('/faults', request);
    if (status !== 201) throw new Error(text);
    return Number(json['id']);
  };

  const payment = async (role = 'A'): Promise<string> =>
    stage.envelope({ source: stage.key(role), operations: [payTo(stage.key('B'), units(1))] });

  const lookup = async (envelope: string): Promise<number> =>
    (await stage.client.get(`/transactions/${String(sandbox.hashOf(envelope))}`)).status;

  it('cuts the connection after the network has accepted, so that only a look-up tells', async () => {
    await fault({ action: { kind: 'cut' }, count: 1 });
    const envelope = await payment();
    await expect(stage.client.post(envelope)).rejects.toThrow();
    expect(sandbox.queueSize).toBe(1);
    await sandbox.closeLedger();
    expect(await lookup(envelope)).toBe(200);
  });

  it('cuts the connection before the network has seen anything', async () => {
    await fault({ action: { kind: 'cut', when: 'before' }, count: 1 });
    const envelope = await payment();
    await expect(stage.client.post(envelope)).rejects.toThrow();
    expect(sandbox.queueSize).toBe(0);
    expect((await stage.include(envelope)).status).toBe(200);
  });

  it.each([
    [{ status: 504 }, 'Transaction Submission Timeout', true],
    [{ status: 504, hash: false }, 'Timeout', false],
    [{ status: 503 }, 'Historical DB Is Too Stale', false],
    [{ status: 429, retryAfter: 7 }, 'Rate Limit Exceeded', false],
  ])('answers %j although it has accepted', async (response, title, namesHash) => {
    await fault({ action: { kind: 'respond', ...response }, count: 1 });
    const envelope = await payment();
    const { headers, json, status } = await stage.client.post(envelope);
    expect([status, json['title'], at(json, 'extras', 'hash') !== undefined]).toEqual([
      response.status,
      title,
      namesHash,
    ]);
    if ('retryAfter' in response) expect(headers.get('retry-after')).toBe('7');
    await sandbox.closeLedger();
    expect(await lookup(envelope)).toBe(200);
  });

  it('answers with a page of HTML, or with nothing at all, before the network has seen anything', async () => {
    await fault({ action: { kind: 'respond', status: 502, body: 'html', when: 'before' }, count: 1 });
    await fault({ action: { kind: 'respond', status: 500, body: 'empty', when: 'before' }, count: 1 });
    const envelope = await payment();
    const page = await stage.client.post(envelope);
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(page.text).toContain('<html>');
    const nothing = await stage.client.post(envelope);
    expect([nothing.status, nothing.text]).toEqual([500, '']);
    expect(sandbox.queueSize).toBe(0);
  });

  it('loses the answer only after the ledger, when told so', async () => {
    await fault({ action: { kind: 'cut', when: 'included' }, count: 1 });
    const envelope = await payment();
    const posting = stage.client.post(envelope);
    const refused = expect(posting).rejects.toThrow();
    while (sandbox.queueSize === 0) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.closeLedger();
    await refused;
    expect(await lookup(envelope)).toBe(200);
  });

  it('includes late', async () => {
    await fault({ action: { kind: 'late_inclusion', ledgers: 6 }, count: 1 });
    const envelope = await payment();
    expect((await stage.client.post(envelope, '/transactions_async')).status).toBe(201);
    for (let closed = 0; closed < 6; closed += 1) {
      await sandbox.closeLedger();
      expect(await lookup(envelope)).toBe(404);
    }
    await sandbox.closeLedger();
    expect(await lookup(envelope)).toBe(200);
  });

  it('drops what it has accepted, and takes it when it comes again', async () => {
    await fault({ action: { kind: 'drop' }, count: 1 });
    const envelope = await payment();
    expect((await stage.client.post(envelope, '/transactions_async')).status).toBe(201);
    await sandbox.closeLedger();
    expect(await lookup(envelope)).toBe(404);
    expect((await stage.include(envelope)).status).toBe(200);
  });

  it.each([
    [{ kind: 'respond', status: 504, fate: { kind: 'late_inclusion', ledgers: 2 } }, 3],
    [{ kind: 'cut', fate: { kind: 'late_inclusion', ledgers: 1 } }, 2],
    [{ kind: 'respond', status: 504, fate: { kind: 'drop' } }, null],
  ])('answers falsely and includes late or never: %j', async (action, includedAfter) => {
    await fault({ action, count: 1 });
    const envelope = await payment();
    await stage.client.post(envelope).catch(() => undefined);
    const lookups = [];
    for (let closed = 1; closed <= 4; closed += 1) {
      await sandbox.closeLedger();
      lookups.push(await lookup(envelope));
    }
    expect(lookups).toEqual(
      [1, 2, 3, 4].map((closed) => (includedAfter !== null && closed >= includedAfter ? 200 : 404)),
    );
  });

  it.each([
    [{ status: 200, body: 'empty' }, ''],
    [{ status: 200, body: 'broken' }, '{"_links":{"self":{"hr'],
  ])('answers with nonsense that looks well: %j', async (response, text) => {
    await fault({ action: { kind: 'respond', ...response }, count: 1 });
    expect(await stage.client.post(await payment(), '/transactions_async')).toMatchObject({
      status: 200,
      text,
    });
  });

  it('refuses with a code that no cause of this network has', async () => {
    await fault({ action: { kind: 'refuse', code: 'tx_internal_error' }, count: 2 });
    const envelope = await payment();
    const refused = await stage.client.post(envelope);
    expect([refused.status, at(refused.json, 'extras', 'result_codes')]).toEqual([
      400,
      { transaction: 'tx_internal_error' },
    ]);
    const async = await stage.client.post(envelope, '/transactions_async');
    expect([async.status, async.json['tx_status']]).toEqual([400, 'ERROR']);
    expect(sandbox.queueSize).toBe(0);
    expect((await stage.include(envelope)).status).toBe(200);
  });

  it('strikes only the account that it is for', async () => {
    await fault({ action: { kind: 'respond', status: 503 }, account: stage.key('A').publicKey() });
    expect((await stage.client.post(await payment('A'), '/transactions_async')).status).toBe(503);
    expect((await stage.client.post(await payment('C'), '/transactions_async')).status).toBe(201);
  });

  it('strikes reads too', async () => {
    await fault({ action: { kind: 'respond', status: 429 }, method: 'GET', path: '/accounts/' });
    expect((await stage.client.get(`/accounts/${stage.key('A').publicKey()}`)).status).toBe(429);
    expect((await stage.client.get('/fee_stats')).status).toBe(200);
  });

  it('draws the same numbers from the same seed', async () => {
    const draws = async (): Promise<boolean[]> => {
      await fault({
        action: { kind: 'respond', status: 503 },
        method: 'GET',
        path: '/fee_stats',
        probability: 0.5,
        seed: 7,
      });
      const struck: boolean[] = [];
      for (let count = 0; count < 20; count += 1) {
        struck.push((await stage.client.get('/fee_stats')).status === 503);
      }
      await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
      return struck;
    };
    const first = await draws();
    expect(await draws()).toEqual(first);
    const random = randomSource(7);
    expect(first).toEqual(first.map(() => random() < 0.5));
    expect(new Set(first).size).toBe(2);
  });

  it('lists what is in force and how often it struck, and takes it back', async () => {
    const id = await fault({ action: { kind: 'delay', ms: 1 }, method: 'GET', path: '/fee_stats' });
    await stage.client.get('/fee_stats');
    const { json } = await stage.client.get('/sandbox/faults');
    expect([at(json, 'faults', 0, 'id'), at(json, 'faults', 0, 'hits')]).toEqual([id, 1]);
    const removed = await fetch(`${sandbox.url}/sandbox/faults/${String(id)}`, { method: 'DELETE' });
    expect(await removed.json()).toEqual({ faults: [] });
  });

  it('refuses a fault that it does not know, and says what is wrong', async () => {
    const { json, status } = await stage.client.control('/faults', { action: { kind: 'explode' } });
    expect([status, String(json['error']).startsWith('action.kind')]).toEqual([400, true]);
  });
});
