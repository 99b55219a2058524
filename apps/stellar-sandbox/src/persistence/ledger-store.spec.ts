import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { data, keySigner, options, payTo } from '../testing/conformance/operation-forms';
import { Stage, units } from '../testing/conformance/stage';
import { type Sandbox, startSandbox } from '../sandbox';
import { at, request } from '../testing/ledger-client';

const SMALL = { segmentLedgers: 5, segmentBytes: 1024 * 1024, ledgersKept: 12, bytesKept: 1024 * 1024 };
const FEW = { ledgers: 12, transactions: 1000, checkedEvery: 5 };

describe('The ledgers of a sandbox on disk', () => {
  let folder: string;
  let sandbox: Sandbox | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
  });

  afterEach(async () => {
    await sandbox?.close();
    sandbox = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  async function start(more: { capacity?: number; passphrase?: string } = {}): Promise<Sandbox> {
    await sandbox?.close();
    sandbox = undefined;
    sandbox = await startSandbox({
      closeMs: 0,
      dataDir: folder,
      storeLimits: SMALL,
      historyKept: FEW,
      submitTimeoutMs: 500,
      ...more,
    });
    return sandbox;
  }

  const files = async (kind: string): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith(kind)).sort();

  async function newestSegment(): Promise<string> {
    const name = (await files('ledgers-')).at(-1);
    if (name === undefined) throw new Error('there are no ledgers on disk');
    return path.join(folder, name);
  }

  const get = async (url: string): Promise<Record<string, unknown>> =>
    (await request(`${sandbox?.url ?? ''}${url}`)).json;

  it('gives back everything that an account holds', async () => {
    const stage = new Stage(await start());
    await stage.fund('A', 'B', 'I', 'F');
    await stage.trustUsd(units(500), 'A');
    await stage.issueUsd('A', units(20));
    await stage.do(stage.key('A'), [
      options({ signer: keySigner(stage.key('B'), 3), homeDomain: 'a.test', medium: 1, setFlags: 2 }),
      data('key', 'value'),
    ]);
    const urls = [
      `/accounts/${stage.key('A').publicKey()}`,
      `/accounts/${stage.key('A').publicKey()}/transactions?order=desc`,
      `/accounts/${stage.key('A').publicKey()}/payments`,
      '/ledgers?order=desc',
      '/fee_stats',
      `/assets?asset_code=USD`,
    ];
    const port = /:\d+/g;
    const answers = async (): Promise<string[]> =>
      Promise.all(urls.map(async (url) => JSON.stringify(await get(url)).replaceAll(port, '')));
    const before = await answers();
    await start();
    expect(await answers()).toEqual(before);
  });

  it('begins new files with snapshots, and forgets old ledgers but not what they did', async () => {
    const stage = new Stage(await start());
    await stage.fund('A', 'B');
    await stage.do(stage.key('A'), [payTo(stage.key('B'), units(7))]);
    for (let closed = 0; closed < 40; closed += 1) await sandbox?.closeLedger();
    const root = await get('/');
    await start();
    const after = await get('/');
    const { _links, history_elder_ledger: elderBefore, ...same } = root;
    expect(after).toMatchObject(same);
    expect(_links).toBeDefined();
    expect((await files('state-')).length).toBe(1);
    expect((await files('ledgers-')).length).toBeLessThanOrEqual(4);
    const elder = Number(after['history_elder_ledger']);
    expect(elder).toBeGreaterThan(1);
    expect(Number(elderBefore)).toBeGreaterThan(1);
    expect((await get(`/ledgers/${String(elder - 1)}`))['title']).toBe(
      'Data Requested Is Before Recorded History',
    );
    const account = await get(`/accounts/${stage.key('B').publicKey()}`);
    expect(at(account, 'balances', 0, 'balance')).toBe('107.0000000');
    const again = new Stage(await start());
    await again.fund('A');
  });

  it('starts from a write that was cut off, without the ledger that nobody heard of', async () => {
    const stage = new Stage(await start());
    await stage.fund('A');
    const before = await get('/ledgers?order=desc&limit=1');
    await sandbox?.close();
    sandbox = undefined;
    await appendFile(await newestSegment(), 'deadbeef [[7,"half a ledg');
    await start();
    expect(JSON.stringify(await get('/ledgers?order=desc&limit=1')).replaceAll(/:\d{4,5}\//g, '')).toBe(
      JSON.stringify(before).replaceAll(/:\d{4,5}\//g, ''),
    );
    await new Stage(await start()).fund('B');
    await start();
  });

  it('refuses to go on from a file that is damaged in the middle', async () => {
    const stage = new Stage(await start());
    await stage.fund('A');
    await stage.fund('B');
    await sandbox?.close();
    sandbox = undefined;
    const file = await newestSegment();
    const content = await readFile(file, 'utf8');
    await writeFile(file, content.replace('[', '{'));
    await expect(start()).rejects.toThrow(/damaged/);
  });

  it('refuses a folder that holds another network', async () => {
    await start();
    await expect(start({ passphrase: 'Another Network' })).rejects.toThrow(/holds another network/);
  });

  it('refuses a folder that another sandbox uses', async () => {
    await start();
    await expect(startSandbox({ closeMs: 0, dataDir: folder })).rejects.toThrow(/another sandbox/);
  });

  it('has the new network on disk after a reset', async () => {
    const stage = new Stage(await start());
    await stage.fund('A');
    await stage.client.control('/reset');
    await stage.fund('B');
    await start();
    expect((await fetch(`${sandbox?.url ?? ''}/accounts/${stage.key('A').publicKey()}`)).status).toBe(404);
    expect((await fetch(`${sandbox?.url ?? ''}/accounts/${stage.key('B').publicKey()}`)).status).toBe(200);
  });
});
