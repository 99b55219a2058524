import type { AccountKey } from '@libs/ledger';
import type { TenantTx, UnitOfWork } from '@libs/persistence';
import type { VaultRepository } from '@libs/submissions';
import { isUsable, type Tenant, type TenantsRepository } from '@libs/tenants';

import type { Monotonic } from '../engine-context';
import type { LedgerKeys } from './ledger-keys.port';

/** Why nothing can be signed for a tenant now. */
export type NoPayingAccount = 'tenant_not_usable' | 'not_paid_by_us' | 'key_unknown' | 'another_host_account';

export type PayingAccount =
  | { readonly kind: 'found'; readonly key: AccountKey }
  | { readonly kind: 'none'; readonly reason: NoPayingAccount };

const KEPT_MS = 2_000;
const TENANTS_KEPT_MAX = 2_000;

/**
 * Whether a tenant of the host account may be paid for by this one. Funds are shown and reserved on the account that is stored for
 * the tenant, so no other one may pay.
 */
export const isPaidFrom = (host: string, { distributionAccountAddress: stored }: Tenant): boolean =>
  stored === null || stored === host;

/** Which account pays for a tenant: the host's, or one of its own whose key is in the vault. */
export class PayingAccounts {
  private readonly kept = new Map<string, { readonly account: PayingAccount; readonly until: number }>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly parts: {
      readonly tenants: TenantsRepository;
      readonly vault: VaultRepository;
      readonly keys: Pick<LedgerKeys, 'host'>;
      readonly now: Monotonic;
    },
  ) {}

  async of(tenantId: string): Promise<PayingAccount> {
    const { now } = this.parts;
    const known = this.kept.get(tenantId);
    if (known !== undefined && known.until > now()) return known.account;
    const account = await this.read(tenantId);
    if (this.kept.size >= TENANTS_KEPT_MAX) this.kept.clear();
    this.kept.set(tenantId, { account, until: now() + KEPT_MS });
    return account;
  }

  forget(tenantId: string): void {
    this.kept.delete(tenantId);
  }

  /** Whether this key still signs for this account. One that does not is forgotten. */
  async isCurrent(tx: TenantTx, { account, key }: AccountKey): Promise<boolean> {
    if (account === this.parts.keys.host.account) return true;
    const [current] = await this.parts.vault.currentKeysOf(tx, [account]);
    if (current?.key === key) return true;
    this.forget(tx.tenantId);
    return false;
  }

  /** The keys that sign for these accounts now. An account without one is left out. */
  async keysOf(accounts: readonly string[]): Promise<ReadonlyMap<string, AccountKey>> {
    const { host } = this.parts.keys;
    const others = [...new Set(accounts)].filter((one) => one !== host.account);
    const current =
      others.length === 0
        ? []
        : await this.uow.runSystem('which keys sign for accounts', (tx) =>
            this.parts.vault.currentKeysOf(tx, others),
          );
    return new Map([host, ...current].map((one) => [one.account, one]));
  }

  private async read(tenantId: string): Promise<PayingAccount> {
    const { tenants, vault, keys } = this.parts;
    const { tenant, own } = await this.uow.runSystem('which account pays for a tenant', async (tx) => ({
      tenant: await tenants.findById(tx, tenantId),
      own: await vault.payingKeyOf(tx, tenantId),
    }));
    if (tenant === null || !isUsable(tenant)) return { kind: 'none', reason: 'tenant_not_usable' };
    switch (tenant.distributionAccountType) {
      case 'DISTRIBUTION_ACCOUNT.STELLAR.ENV':
        return isPaidFrom(keys.host.account, tenant)
          ? { kind: 'found', key: keys.host }
          : { kind: 'none', reason: 'another_host_account' };
      case 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT':
        return own === null ? { kind: 'none', reason: 'key_unknown' } : { kind: 'found', key: own };
      case 'DISTRIBUTION_ACCOUNT.CIRCLE.DB_VAULT':
        return { kind: 'none', reason: 'not_paid_by_us' };
    }
  }
}
