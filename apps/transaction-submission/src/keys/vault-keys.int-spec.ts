import { randomBytes } from 'node:crypto';

import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import { Database, UnitOfWork } from '@libs/persistence';
import { VaultRepository } from '@libs/submissions';
import { testDatabase, type TestDatabase } from '@libs/testing';

import { ledgerKeysContract, verifies } from './ledger-keys.contract';
import { VaultKeys } from './vault-keys';

describe('keys in the vault', () => {
  let test: TestDatabase;
  let database: Database;
  let uow: UnitOfWork;
  beforeAll(async () => {
    test = await testDatabase();
    database = new Database({ url: test.url('transactionSubmission'), applicationName: 'keys test' });
    uow = new UnitOfWork(database);
  });
  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  const host = newLedgerKey();
  const sealing = new Uint8Array(randomBytes(32));
  const keys = (options: { cachedMax?: number; under?: Uint8Array } = {}): VaultKeys =>
    new VaultKeys(uow, new VaultRepository(), {
      encryptionKeys: [options.under ?? sealing],
      host,
      ...(options.cachedMax === undefined ? {} : { cachedMax: options.cachedMax }),
    });

  ledgerKeysContract('this process', () =>
    Promise.resolve({ keys: keys(), uow, host, hostAccount: host.address, close: () => Promise.resolve() }),
  );

  it('keeps no more of them open than it may, and still signs with all', async () => {
    const made = [
      ...(await keys().make({ purpose: 'channel', count: 1_000 })),
      ...(await keys().make({ purpose: 'channel', count: 500 })),
    ];
    const bounded = keys({ cachedMax: 1_000 });
    const digest = randomBytes(32);
    for (const some of [made.slice(0, 900), made.slice(800), made.slice(0, 50)]) {
      const signatures = await bounded.sign(some.map((key) => ({ key, digest })));
      expect(signatures.every((one, index) => verifies(some[index] ?? '', digest, one))).toBe(true);
      expect(bounded.cached).toBeLessThanOrEqual(1_000);
    }
  });

  it('opens none that was sealed under another key, or moved to another row', async () => {
    const [mine = '', other = ''] = await keys().make({ purpose: 'channel', count: 2 });
    const request = [{ key: mine, digest: randomBytes(32) }];
    await expect(keys({ under: new Uint8Array(32) }).sign(request)).rejects.toThrow('sealed under a key');
    await uow.runSystem('somebody changes the vault', (tx) =>
      tx.execute(
        `UPDATE submissions.vault SET sealed = (SELECT sealed FROM submissions.vault WHERE key = $2) WHERE key = $1`,
        [mine, other],
      ),
    );
    await expect(keys().sign(request)).rejects.toThrow('does not belong here');
  });
});
