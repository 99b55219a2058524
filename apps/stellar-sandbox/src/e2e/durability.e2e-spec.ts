import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Keypair } from '@stellar/stellar-sdk';

import { DEFAULTS } from '../sandbox-settings';
import { at, LedgerClient, pay } from '../testing/ledger-client';
import { buildSandbox, spawnSandbox, type SandboxProcess } from '../testing/sandbox-process';

const { passphrase } = DEFAULTS;

describe('A sandbox that is killed', () => {
  let folder: string;
  let running: SandboxProcess | undefined;

  const start = async (): Promise<LedgerClient> => {
    running = await spawnSandbox({ SANDBOX_DATA_DIR: folder, SANDBOX_CLOSE_MS: '50' });
    return new LedgerClient(running.url, passphrase);
  };

  beforeAll(() => {
    buildSandbox();
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
  });

  afterEach(async () => {
    await running?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  /** Pays again and again until the network is gone, and keeps what was said to be in a ledger. */
  async function payUntilGone(
    client: LedgerClient,
    payer: Keypair,
    told: Map<string, unknown>,
  ): Promise<void> {
    const target = Keypair.random();
    let sequence = await client.sequenceOf(payer.publicKey());
    try {
      await client.friendbot(target);
      for (;;) {
        sequence += 1n;
        const operations = [pay(target.publicKey(), '1')];
        const envelope = client.build({ source: payer, sequence, operations }).toXdr();
        const { json, status } = await client.post(envelope);
        if (status === 200) told.set(String(json['hash']), json['ledger']);
      }
    } catch {
      // The connection broke: the network is gone.
    }
  }

  it('has every ledger that it announced, with the same hash, after it starts again', async () => {
    const told = new Map<string, unknown>();
    const ledgers = new Map<number, unknown>();
    for (let round = 0; round < 3; round += 1) {
      const client = await start();
      const payers = await Promise.all(Array.from({ length: 10 }, async () => client.friendbot()));
      const before = told.size;
      const work = payers.map(async (payer) => payUntilGone(client, payer, told));
      while (told.size < before + 40) {
        const { json } = await client.get('/ledgers?order=desc&limit=1');
        const latest = at(json, '_embedded', 'records', 0);
        ledgers.set(Number(at(latest, 'sequence')), at(latest, 'hash'));
      }
      await running?.kill();
      await Promise.all(work);
    }
    const client = await start();
    for (const [hash, ledger] of told) {
      const { json, status } = await client.get(`/transactions/${hash}`);
      expect({ hash, status, ledger: json['ledger'] }).toEqual({ hash, status: 200, ledger });
    }
    for (const [sequence, hash] of ledgers) {
      const { json } = await client.get(`/ledgers/${String(sequence)}`);
      expect(json['hash']).toBe(hash);
    }
  });

  it('keeps balances and sequence numbers, and goes on from there', async () => {
    let client = await start();
    const payer = await client.friendbot();
    const target = await client.friendbot();
    const sequence = (await client.sequenceOf(payer.publicKey())) + 1n;
    const operations = [pay(target.publicKey(), '25.5')];
    const first = await client.post(client.build({ source: payer, sequence, operations }).toXdr());
    expect(first.status).toBe(200);
    const before = await client.get(`/accounts/${target.publicKey()}`);
    await running?.kill();
    client = await start();
    const after = await client.get(`/accounts/${target.publicKey()}`);
    expect(at(after.json, 'balances')).toEqual(at(before.json, 'balances'));
    expect(await client.sequenceOf(payer.publicKey())).toBe(sequence);
    const again = client.build({ source: payer, sequence: sequence + 1n, operations }).toXdr();
    expect((await client.post(again)).status).toBe(200);
  });

  it('ends within a moment when it is asked to, and lets another one take its folder', async () => {
    const client = await start();
    await client.friendbot();
    await expect(spawnSandbox({ SANDBOX_DATA_DIR: folder })).rejects.toThrow(/another sandbox/);
    expect(await running?.stop()).toBe(0);
    await expect(start()).resolves.toBeDefined();
  });
});
