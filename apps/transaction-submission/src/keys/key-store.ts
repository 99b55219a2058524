import type { LedgerKey } from '@libs/ledger';
import { ledgerKeyFromBytes, newLedgerKey } from '@libs/ledger-stellar/submitter';
import { seal, type UnitOfWork, unseal } from '@libs/persistence';
import { type KeyPurpose, type SealedKey, type VaultRepository } from '@libs/submissions';

/** The tenant of keys that belong to none. */
export const NO_TENANT = '-';
const CACHED_MAX = 5_000;

export interface NewKey {
  readonly key: LedgerKey;
  readonly sealed: SealedKey;
}

/** Secret keys: sealed in the vault, opened once and kept in memory. Nothing here is ever logged. */
export class KeyStore {
  private readonly opened = new Map<string, LedgerKey>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly vault: VaultRepository,
    private readonly options: {
      /** Encrypts keys at rest: the newest first, older ones after it while keys are changed. */
      readonly encryptionKeys: readonly [Uint8Array, ...Uint8Array[]];
      readonly host: LedgerKey;
    },
  ) {}

  get host(): LedgerKey {
    return this.options.host;
  }

  /** A new key, sealed for `purpose`. The caller stores it before it uses it. */
  make(purpose: KeyPurpose, tenant: string): NewKey {
    const key = newLedgerKey();
    const [newest] = this.options.encryptionKeys;
    const sealed = seal(newest, boundTo(tenant, key.address, purpose), key.seed);
    return { key, sealed: { account: key.address, tenant, purpose, sealed } };
  }

  async find(account: string): Promise<LedgerKey | null> {
    return (await this.findAll([account])).get(account) ?? null;
  }

  /** The keys of these accounts that are known here. */
  async findAll(accounts: readonly string[]): Promise<ReadonlyMap<string, LedgerKey>> {
    const missing = accounts.filter((one) => one !== this.host.address && !this.opened.has(one));
    if (missing.length > 0) {
      const sealed = await this.uow.runSystem('read keys from the vault', (tx) =>
        this.vault.find(tx, missing),
      );
      for (const one of sealed) this.keep(this.open(one));
    }
    const found = new Map<string, LedgerKey>();
    for (const account of accounts) {
      const key = account === this.host.address ? this.host : this.opened.get(account);
      if (key !== undefined) found.set(account, key);
    }
    return found;
  }

  private open({ account, tenant, purpose, sealed }: SealedKey): LedgerKey {
    const key = ledgerKeyFromBytes(
      unseal(this.options.encryptionKeys, boundTo(tenant, account, purpose), sealed),
    );
    if (key.address !== account) throw new Error('a key in the vault is not the key of its account');
    return key;
  }

  private keep(key: LedgerKey): void {
    if (this.opened.size >= CACHED_MAX) this.opened.delete(this.opened.keys().next().value ?? '');
    this.opened.set(key.address, key);
  }
}

const boundTo = (tenant: string, account: string, purpose: KeyPurpose): string =>
  `${tenant}|${account}|${purpose}`;
