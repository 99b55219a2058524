import { ledgerContract, type LedgerKey, type LedgerWorld, ownKeyOf, WrongNetworkError } from '@libs/ledger';

import { startSandbox } from '../../../apps/stellar-sandbox/src/sandbox';
import { StellarReader } from './reader';
import { newLedgerKey, SeedSigner, StellarSubmitter } from './submitter';

/** A sandbox whose ledgers close when they are told to, with a time that moves as far as they are told. */
async function openSandbox(): Promise<LedgerWorld & { readonly url: string; readonly passphrase: string }> {
  const sandbox = await startSandbox({ closeMs: 0, streamTickMs: 50 });
  const started = Date.now();
  let seconds = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => started + seconds * 1_000);
  const options = { horizonUrls: [sandbox.url], networkPassphrase: sandbox.passphrase };
  const reader = new StellarReader(options);
  const signer = new SeedSigner();
  const submitter = new StellarSubmitter({ ...options, signer });
  const newKey = (): LedgerKey => {
    const key = newLedgerKey();
    signer.add(key);
    return key;
  };
  const closeLedger = async (later = 5): Promise<void> => {
    seconds += later;
    await sandbox.closeLedger();
  };
  return {
    url: sandbox.url,
    passphrase: sandbox.passphrase,
    reader,
    submitter,
    newKey,
    newAccount: async (): Promise<LedgerKey> => {
      const key = newKey();
      const funded = { done: false };
      const answer = fetch(`${sandbox.url}/friendbot?addr=${key.address}`).finally(() => {
        funded.done = true;
      });
      while (!funded.done) {
        await closeLedger(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      if (!(await answer).ok) throw new Error('friendbot did not fund an account');
      return key;
    },
    closeLedger,
    stop: async () => {
      clock.mockRestore();
      reader.close();
      submitter.close();
      await sandbox.close();
    },
  };
}

ledgerContract('Horizon', openSandbox);

describe('the reader of Horizon', () => {
  let world: Awaited<ReturnType<typeof openSandbox>>;
  beforeAll(async () => {
    world = await openSandbox();
  });
  afterAll(async () => {
    await world.stop();
  });

  it('refuses another network than the settings name', async () => {
    await world.reader.assertNetwork();
    const other = new StellarReader({ horizonUrls: [world.url], networkPassphrase: 'another network' });
    await expect(other.assertNetwork()).rejects.toThrow(WrongNetworkError);
    other.close();
  });

  it('asks the next server when one does not answer, and says which', async () => {
    const options = { horizonUrls: ['http://127.0.0.1:1', world.url], networkPassphrase: world.passphrase };
    const reader = new StellarReader(options);
    const { address } = await world.newAccount();
    expect((await reader.account(address))?.address).toBe(address);
    const [dead, alive] = await reader.nodes();
    expect(dead?.latest).toBeNull();
    expect(dead?.problem).toContain('127.0.0.1:1');
    expect(alive?.latest?.sequence).toBeGreaterThan(1);
    reader.close();
  });

  it('shows what an account holds, and nothing for one that does not exist', async () => {
    const key = await world.newAccount();
    const account = await world.reader.account(key.address);
    expect(account).toMatchObject({
      address: key.address,
      balances: [
        { asset: { code: 'XLM', issuer: '' }, balance: 100_000_000_000n, limit: null, authorized: true },
      ],
      signers: [{ key: key.address, weight: 1 }],
    });
    expect(account?.latestLedger).toBe((await world.reader.latestLedger()).sequence);
    expect(await world.reader.account(world.newKey().address)).toBeNull();
  });

  it('takes no answer from a server that has not come as far as it must', async () => {
    const { address } = await world.newAccount();
    const { sequence } = await world.reader.latestLedger();
    await expect(world.reader.account(address, { notBefore: sequence + 1 })).rejects.toThrow(
      'has not ingested',
    );
    await world.closeLedger();
    expect(await world.reader.account(address, { notBefore: sequence + 1 })).not.toBeNull();
  });

  it('tells every ledger once, in order', async () => {
    const stop = new AbortController();
    const told: number[] = [];
    const following = world.reader.followLedgers((ledger) => told.push(ledger.sequence), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { sequence } = await world.reader.latestLedger();
    for (let ledgers = 0; ledgers < 12; ledgers += 1) await world.closeLedger(1);
    while (told.length < 12) await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort();
    await following;
    expect(told.slice(0, 12)).toEqual(Array.from({ length: 12 }, (_, index) => sequence + 1 + index));
  });
});

describe('setting up accounts', () => {
  it('creates sponsored accounts without any XLM, and trustlines', async () => {
    const world = await openSandbox();
    const { address } = await world.newAccount();
    const host = ownKeyOf(address);
    const issuer = await world.newAccount();
    const fresh = Array.from({ length: 19 }, () => world.newKey().address);
    const sequence = ((await world.reader.account(address))?.sequence ?? 0n) + 1n;
    const { closedAt } = await world.reader.latestLedger();
    const common = {
      source: host,
      feePayer: host,
      maxTime: new Date(closedAt.getTime() + 60_000),
      feeRate: 100n,
    };
    const created = await world.submitter.prepareSetup({
      ...common,
      sequence,
      operations: fresh.map((account) => ({ kind: 'create-sponsored-account', account, sponsor: host })),
    });
    expect(await world.submitter.submit(created.payload)).toEqual({ kind: 'accepted' });
    await world.closeLedger();
    expect(await world.reader.account(fresh[0] ?? '')).toMatchObject({
      sponsored: 2,
      balances: [{ balance: 0n }],
    });
    const asset = { code: 'USD', issuer: issuer.address };
    const trusted = await world.submitter.prepareSetup({
      ...common,
      sequence: sequence + 1n,
      operations: [{ kind: 'change-trust', account: host, asset, limit: 9_223_372_036_854_775_807n }],
    });
    expect(await world.submitter.submit(trusted.payload)).toEqual({ kind: 'accepted' });
    await world.closeLedger();
    expect((await world.reader.account(address))?.balances).toContainEqual(
      expect.objectContaining({ asset, balance: 0n, limit: 9_223_372_036_854_775_807n, authorized: true }),
    );
    await world.stop();
  });
});
