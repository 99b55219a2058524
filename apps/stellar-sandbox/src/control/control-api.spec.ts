import { payTo } from '../testing/conformance/operation-forms';
import { Stage, units } from '../testing/conformance/stage';
import { type Sandbox, startSandbox } from '../sandbox';
import { at } from '../testing/ledger-client';

describe('The control API', () => {
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

  const latest = async (): Promise<number> => {
    const { json } = await stage.client.get('/');
    return Number(json['history_latest_ledger']);
  };

  it('closes ledgers on request', async () => {
    const before = await latest();
    const { json } = await stage.client.control('/ledgers', { count: 3 });
    expect([json['history_latest_ledger'], await latest()]).toEqual([before + 3, before + 3]);
  });

  it('stops the clock of the network and moves it', async () => {
    await stage.client.control('/clock', { stopAt: '2031-01-02T03:04:05Z' });
    await sandbox.closeLedger();
    const closedAt = async (): Promise<unknown> => {
      const { json } = await stage.client.get('/ledgers?order=desc&limit=1');
      return at(json, '_embedded', 'records', 0, 'closed_at');
    };
    expect(await closedAt()).toBe('2031-01-02T03:04:05Z');
    await sandbox.closeLedger();
    expect(await closedAt()).toBe('2031-01-02T03:04:05Z');
    await stage.client.control('/clock', { advanceMs: 90_000 });
    await sandbox.closeLedger();
    expect(await closedAt()).toBe('2031-01-02T03:05:35Z');
  });

  it('counts what clients ask, by route, and starts anew', async () => {
    const counts = async (method: 'GET' | 'DELETE'): Promise<unknown> => {
      const answer = await fetch(`${sandbox.url}/sandbox/requests`, { method });
      return ((await answer.json()) as { requests: unknown }).requests;
    };
    await counts('DELETE');
    await stage.client.get('/ledgers/1');
    await stage.client.get('/ledgers/2/transactions');
    await stage.client.get('/ledgers/1');
    await stage.client.control('/ledgers', { count: 1 });
    expect(await counts('GET')).toEqual({ 'GET /ledgers/{id}': 2, 'GET /ledgers/{id}/transactions': 1 });
    expect(await counts('DELETE')).toEqual({});
  });

  it('never lets ledger time go back', async () => {
    await stage.client.control('/clock', { stopAt: '2031-01-02T03:04:05Z' });
    await sandbox.closeLedger();
    await stage.client.control('/clock', { reset: true });
    await sandbox.closeLedger();
    const { json } = await stage.client.get('/ledgers?order=desc&limit=1');
    expect(at(json, '_embedded', 'records', 0, 'closed_at')).toBe('2031-01-02T03:04:05Z');
  });

  it('starts to close ledgers by the clock, and stops again', async () => {
    await stage.client.control('/clock', { closeMs: 5 });
    const before = await latest();
    while ((await latest()) < before + 5) await new Promise((resolve) => setImmediate(resolve));
    const { json } = await stage.client.control('/clock', { closeMs: 0 });
    expect(json['close_ms']).toBe(0);
  });

  it('lets the reader freeze for some ledgers and read for some', async () => {
    await stage.client.control('/reader', { flap: { frozenLedgers: 3, readingLedgers: 1 } });
    const behind: unknown[] = [];
    for (let closed = 0; closed < 8; closed += 1) {
      await sandbox.closeLedger();
      const { json } = await stage.client.get('/sandbox/status');
      behind.push(json['behind']);
    }
    expect(behind).toEqual([1, 2, 3, 0, 1, 2, 3, 0]);
  });

  it('makes everybody pay more', async () => {
    await stage.client.control('/core', { leastRate: 400 });
    const form = { source: stage.key('A'), operations: [payTo(stage.key('B'), units(1))] };
    const cheap = await stage.client.post(await stage.envelope({ ...form, fee: 399 }));
    expect(at(cheap.json, 'extras', 'result_codes', 'transaction')).toBe('tx_insufficient_fee');
    const dear = await stage.include(await stage.envelope({ ...form, fee: 1000 }));
    expect([dear.status, dear.json['fee_charged']]).toEqual([200, '400']);
  });

  it('begins a new history with the same passphrase, and forgets everything', async () => {
    const path = `/accounts/${stage.key('A').publicKey()}`;
    const { json: ledgerOne } = await stage.client.get('/ledgers/1');
    expect((await stage.client.control('/reset')).status).toBe(200);
    expect((await stage.client.get(path)).status).toBe(404);
    const { json: root } = await stage.client.get('/');
    expect([root['history_latest_ledger'], root['network_passphrase']]).toEqual([1, sandbox.passphrase]);
    const { json } = await stage.client.get('/ledgers/1');
    expect(json['hash']).not.toBe(ledgerOne['hash']);
    await stage.fund('A');
    expect((await stage.client.get(path)).status).toBe(200);
  });

  it('cuts streams that are open', async () => {
    const response = await fetch(`${sandbox.url}/ledgers?cursor=now`, {
      headers: { accept: 'text/event-stream' },
    });
    const cut = await fetch(`${sandbox.url}/sandbox/streams`, { method: 'DELETE' });
    expect(await cut.json()).toEqual({ cut: 1 });
    await expect(response.text()).rejects.toThrow();
  });

  it.each([
    ['/ledgers', { count: 0 }],
    ['/clock', { stopAt: 'yesterday' }],
    ['/reader', { lag: -1 }],
  ])('refuses what it cannot do: %s %j', async (path, body) => {
    expect((await stage.client.control(path, body)).status).toBe(400);
  });
});
