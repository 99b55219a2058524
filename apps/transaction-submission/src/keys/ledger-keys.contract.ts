import { createPublicKey, randomBytes, verify } from 'node:crypto';

import { newId } from '@libs/kernel';
import { type LedgerKey, publicKeyOf, UnknownKeyError } from '@libs/ledger';
import { newLedgerKey } from '@libs/ledger-stellar/submitter';
import type { UnitOfWork } from '@libs/persistence';
import { VaultRepository } from '@libs/submissions';

import type { LedgerKeys } from './ledger-keys.port';

export interface KeysWorld {
  readonly keys: LedgerKeys;
  readonly uow: UnitOfWork;
  /** What signs for the account `hostAccount`. */
  readonly host: LedgerKey;
  readonly hostAccount: string;
  close(): Promise<void>;
}

const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether a signature is of this key, judged by OpenSSL and not by the code under test. */
export function verifies(key: string, digest: Uint8Array, signature: Uint8Array): boolean {
  const bytes = Buffer.concat([SPKI_HEADER, publicKeyOf(key) ?? new Uint8Array()]);
  return verify(null, digest, createPublicKey({ key: bytes, format: 'der', type: 'spki' }), signature);
}

/** What whoever holds the keys must do, in this process or in another. */
export function ledgerKeysContract(name: string, open: () => Promise<KeysWorld>): void {
  describe(`keys held by ${name}`, () => {
    let world: KeysWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(async () => {
      await world.close();
    });

    it('sign for the host account and for channel accounts alike, in the order of the requests', async () => {
      const { keys, host, hostAccount } = world;
      const made = await keys.make({ purpose: 'channel', count: 3 });
      expect(new Set(made).size).toBe(3);
      expect(keys.host).toEqual({ account: hostAccount, key: host.address });
      const requests = [host.address, ...made, ...made].map((key) => ({ key, digest: randomBytes(32) }));
      const signatures = await keys.sign(requests);
      expect(signatures).toHaveLength(7);
      for (const [index, { key, digest }] of requests.entries()) {
        expect(verifies(key, digest, signatures[index] ?? new Uint8Array())).toBe(true);
      }
    });

    it('sign nothing for nothing', async () => {
      expect(await world.keys.sign([])).toEqual([]);
    });

    it('sign more at once than one round trip holds', async () => {
      const [key = ''] = await world.keys.make({ purpose: 'channel', count: 1 });
      const requests = Array.from({ length: 2_500 }, () => ({ key, digest: randomBytes(32) }));
      const signatures = await world.keys.sign(requests);
      expect(signatures).toHaveLength(2_500);
      const last = requests.at(-1)?.digest ?? new Uint8Array();
      expect(verifies(key, last, signatures.at(-1) ?? new Uint8Array())).toBe(true);
    });

    it('sign for several callers at once, each with its own answer', async () => {
      const made = await world.keys.make({ purpose: 'channel', count: 20 });
      await Promise.all(
        made.map(async (key) => {
          const digest = randomBytes(32);
          const [signature = new Uint8Array()] = await world.keys.sign([{ key, digest }]);
          expect(verifies(key, digest, signature)).toBe(true);
        }),
      );
    });

    it('name the key that they do not have, and give no signature at all', async () => {
      const stranger = newLedgerKey().address;
      const digest = randomBytes(32);
      const request = world.keys.sign([
        { key: world.host.address, digest },
        { key: stranger, digest },
      ]);
      await expect(request).rejects.toEqual(new UnknownKeyError(stranger));
      // What was refused has cost nobody else anything.
      expect(await world.keys.sign([{ key: world.host.address, digest }])).toHaveLength(1);
    });

    it('are made once for a tenant, and once for the next key of its account, however often they are asked for', async () => {
      const { keys, uow } = world;
      const tenantId = newId();
      const order = { purpose: 'distribution', tenantId } as const;
      const [accounts, again] = await Promise.all([keys.make(order), keys.make(order)]);
      expect(again).toEqual(accounts);
      const [account = ''] = accounts;
      const next = await keys.make({ purpose: 'rotation', tenantId, account });
      expect(await keys.make({ purpose: 'rotation', tenantId, account })).toEqual(next);
      expect(next).not.toEqual(accounts);
      const paying = await uow.runSystem('the key of a tenant', (tx) =>
        new VaultRepository().payingKeyOf(tx, tenantId),
      );
      expect(paying).toEqual({ account, key: account });
      const digest = randomBytes(32);
      const [signature = new Uint8Array()] = await keys.sign([{ key: next[0] ?? '', digest }]);
      expect(verifies(next[0] ?? '', digest, signature)).toBe(true);
    });
  });
}
