import { randomBytes } from 'node:crypto';

import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { Database, sealingKeyIdOf, UnitOfWork } from '@libs/persistence';
import { VaultRepository } from '@libs/submissions';
import { KillableUnitOfWork, KilledError, KillSwitch, testDatabase, type TestDatabase } from '@libs/testing';

import { type CommandOutcome, runCommand } from '../testing/run-command';
import { KeyResealingService } from './key-resealing.service';
import { verifies } from './ledger-keys.contract';
import { VaultKeys } from './vault-keys';

const KEYS = 25;
const BATCH = 10;

describe('the keys of the vault, when KEY_ENCRYPTION_KEY is changed', () => {
  let test: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;
  beforeEach(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('transactionSubmission'), applicationName: 'resealing test' });
    uow = new UnitOfWork(database);
  });
  afterEach(async () => {
    await database.close();
    await test.drop();
  });

  const [before, after] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))] as const;
  const vault = new VaultRepository();
  const host = newLedgerKey();
  const keysUnder = (...encryptionKeys: [Uint8Array, ...Uint8Array[]]): VaultKeys =>
    new VaultKeys(uow, vault, { encryptionKeys, host });
  const resealing = (over: UnitOfWork = uow): KeyResealingService =>
    new KeyResealingService(over, vault, { encryptionKeys: [after, before], batch: BATCH });
  const allSign = async (keys: VaultKeys, made: readonly string[]): Promise<boolean> => {
    const digest = randomBytes(32);
    const signatures = await keys.sign(made.map((key) => ({ key, digest })));
    return signatures.every((one, index) => verifies(made[index] ?? '', digest, one));
  };
  const quiet = (): void => undefined;

  it('sign under both, and under the new one alone once they are sealed anew', async () => {
    const made = await keysUnder(before).make({ purpose: 'channel', count: KEYS });
    const fresh = await keysUnder(after, before).make({ purpose: 'channel', count: 2 });
    expect(await allSign(keysUnder(after, before), [...made, ...fresh])).toBe(true);
    await expect(allSign(keysUnder(after), made)).rejects.toThrow('sealed under a key');
    const told: number[] = [];
    expect(await resealing().run((count) => told.push(count))).toEqual({ resealed: KEYS, failed: [] });
    expect(told).toEqual([10, 20, 25]);
    expect(await allSign(keysUnder(after), [...made, ...fresh])).toBe(true);
    await expect(allSign(keysUnder(before), made)).rejects.toThrow('sealed under a key');
    expect(await resealing().state()).toEqual({
      current: { id: sealingKeyIdOf(after), count: KEYS + 2 },
      readable: [{ id: sealingKeyIdOf(before), count: 0 }],
      unreadable: [],
    });
  });

  it('lose nothing when the command is killed at any point, and none is sealed twice when it goes on', async () => {
    const made = await keysUnder(before).make({ purpose: 'channel', count: KEYS });
    let resealed = 0;
    for (let killAt = 1; resealed < KEYS; killAt = killAt === 1 ? 2 : 1) {
      const killed = resealing(new KillableUnitOfWork(database, new KillSwitch(killAt)));
      await expect(killed.run(quiet)).rejects.toThrow(KilledError);
      // A kill before the commit leaves a batch as it was, one after it leaves it done.
      resealed += killAt === 2 ? Math.min(BATCH, KEYS - resealed) : 0;
      expect((await resealing().state()).current.count).toBe(resealed);
      expect(await allSign(keysUnder(after, before), made)).toBe(true);
    }
    expect(await resealing().run(quiet)).toEqual({ resealed: 0, failed: [] });
  });

  it('that cannot be opened are named, stay as they are and keep no other one', async () => {
    const lost = new Uint8Array(randomBytes(32));
    const [stranger = ''] = await keysUnder(lost).make({ purpose: 'channel', count: 1 });
    const made = await keysUnder(before).make({ purpose: 'channel', count: KEYS });
    expect(await resealing().run(quiet)).toEqual({ resealed: KEYS, failed: [stranger] });
    expect(await allSign(keysUnder(after), made)).toBe(true);
    expect(await allSign(keysUnder(lost), [stranger])).toBe(true);
    expect((await resealing().state()).unreadable).toEqual([{ id: sealingKeyIdOf(lost), count: 1 }]);
  });

  it('are sealed anew by a command that says what is left', async () => {
    await keysUnder(before).make({ purpose: 'channel', count: 3 });
    const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
    const environment = {
      DATABASE_URL: test.url('transactionSubmission'),
      KEY_ENCRYPTION_KEY: hex(after),
      KEY_ENCRYPTION_KEYS_READABLE: hex(before),
    };
    const run = (...args: string[]): Promise<CommandOutcome> => runCommand('reseal-keys', environment, args);
    expect(await run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--batch') as unknown,
    });
    expect(await run('--batch', '0')).toMatchObject({
      code: 1,
      err: '--batch is a whole number from 1 to 1000\n',
    });
    expect(await run('--status')).toMatchObject({
      code: 2,
      out: expect.stringContaining(`3 keys under the readable key ${sealingKeyIdOf(before)}`) as unknown,
    });
    const done = await run();
    expect([done.code, done.err]).toEqual([0, '3 keys are sealed anew\n']);
    expect(done.out).toContain(`3 keys under KEY_ENCRYPTION_KEY (${sealingKeyIdOf(after)})`);
    expect(JSON.parse((await run('--json')).out)).toMatchObject({ resealed: 0, failed: [] });
    expect(done.out + done.err).not.toContain(hex(after));
  });
});
