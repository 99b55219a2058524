import type { AccountKey, LedgerKey, SignatureRequest } from '@libs/ledger';
import { ledgerKeyFromBytes, newLedgerKey, SeedSigner } from '@libs/ledger-stellar/submitter';
import { seal, type UnitOfWork, unseal } from '@libs/persistence';
import type { KeyPurpose, SealedKey, VaultRepository } from '@libs/submissions';

import { inBatches } from '../bounded';
import { type KeyOrder, LedgerKeys, REQUESTS_MAX } from './ledger-keys.port';

/** The tenant of keys that belong to none. */
const NO_TENANT = '-';
const CACHED_MAX = 5_000;

export interface VaultKeysOptions {
  /** Encrypts keys at rest: the one that new keys are sealed under, then others that keys may be sealed under too. */
  readonly encryptionKeys: readonly [Uint8Array, ...Uint8Array[]];
  /** What signs for the host account. */
  readonly host: LedgerKey;
  /** The address of the host account, when it is not the one that its key was born with. */
  readonly hostAccount?: string;
  /** The most keys that are kept open in memory. */
  readonly cachedMax?: number;
}

/** Keys in this process: sealed in the vault, opened once and kept in memory. Nothing here is ever logged. */
export class VaultKeys extends LedgerKeys {
  private readonly opened = new SeedSigner();
  private readonly hostSigner: SeedSigner;
  readonly host: AccountKey;

  constructor(
    private readonly uow: UnitOfWork,
    private readonly vault: VaultRepository,
    private readonly options: VaultKeysOptions,
  ) {
    super();
    this.host = { account: options.hostAccount ?? options.host.address, key: options.host.address };
    this.hostSigner = new SeedSigner([options.host]);
  }

  override async sign(requests: readonly SignatureRequest[]): Promise<readonly Uint8Array[]> {
    const signatures: Uint8Array[] = [];
    for (const some of inBatches(requests, REQUESTS_MAX)) {
      await this.open(some.map(({ key }) => key));
      for (const request of some) {
        const signer = request.key === this.host.key ? this.hostSigner : this.opened;
        signatures.push(...signer.signNow([request]));
      }
    }
    return signatures;
  }

  override async make(order: KeyOrder): Promise<readonly string[]> {
    switch (order.purpose) {
      case 'channel': {
        const count = Math.min(order.count, REQUESTS_MAX);
        const sealed = Array.from({ length: count }, () => this.sealNew('channel', NO_TENANT));
        await this.uow.runSystem('keys of new channel accounts', (tx) =>
          this.vault.insert(tx, sealed, 'CURRENT'),
        );
        return sealed.map(({ key }) => key);
      }
      case 'distribution': {
        const { tenantId } = order;
        const sealed = this.sealNew('distribution', tenantId);
        return await this.uow.runSystem('the key of a new account of a tenant', async (tx) => {
          await this.vault.insert(tx, [sealed], 'CURRENT');
          const stored = await this.vault.payingKeyOf(tx, tenantId);
          return stored === null ? [] : [stored.account];
        });
      }
      case 'rotation': {
        const { tenantId, account } = order;
        const sealed = { ...this.sealNew('distribution', tenantId), account };
        return await this.uow.runSystem('the next key of an account of a tenant', async (tx) => {
          await this.vault.insert(tx, [sealed], 'NEXT');
          const stored = await this.vault.nextKeyOf(tx, account);
          return stored === null ? [] : [stored];
        });
      }
    }
  }

  override problems(): readonly string[] {
    return [];
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  /** How many keys are open in memory. */
  get cached(): number {
    return this.opened.size;
  }

  private async open(keys: readonly string[]): Promise<void> {
    const needed = new Set(keys);
    const missing = [...needed].filter((key) => key !== this.host.key && !this.opened.has(key));
    if (missing.length === 0) return;
    const sealed = await this.uow.runSystem('read keys from the vault', (tx) => this.vault.find(tx, missing));
    const max = Math.max(this.options.cachedMax ?? CACHED_MAX, REQUESTS_MAX);
    this.opened.forgetOldest(this.opened.size + sealed.length - max, needed);
    for (const one of sealed) this.opened.add(openedKey(this.options.encryptionKeys, one));
  }

  private sealNew(purpose: KeyPurpose, tenant: string): SealedKey {
    const made = newLedgerKey();
    const [newest] = this.options.encryptionKeys;
    const sealed = seal(newest, boundTo({ tenant, key: made.address, purpose }), made.seed);
    return { key: made.address, account: made.address, tenant, purpose, sealed };
  }
}

/** Opens a key of the vault under whichever of the sealing keys fits. Throws when none does or it is not that key. */
export function openedKey(encryptionKeys: readonly Uint8Array[], sealed: SealedKey): LedgerKey {
  const opened = ledgerKeyFromBytes(unseal(encryptionKeys, boundTo(sealed), sealed.sealed));
  if (opened.address !== sealed.key) throw new Error('a key in the vault is not the key that it says');
  return opened;
}

/** What a sealed key is bound to, so that a copy of it in another row does not open. */
export const boundTo = ({ tenant, key, purpose }: Pick<SealedKey, 'tenant' | 'key' | 'purpose'>): string =>
  `${tenant}|${key}|${purpose}`;
