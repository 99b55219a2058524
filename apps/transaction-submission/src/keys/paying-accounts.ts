import type { LedgerKey } from '@libs/ledger';
import type { UnitOfWork } from '@libs/persistence';
import type { VaultRepository } from '@libs/submissions';
import { isUsable, type TenantsRepository } from '@libs/tenants';

import type { Monotonic } from '../engine-context';
import type { KeyStore } from './key-store';

/** Why nothing can be signed for a tenant now. */
export type NoPayingAccount = 'tenant_not_usable' | 'not_paid_by_us' | 'key_unknown';

export type PayingAccount =
  | { readonly kind: 'found'; readonly key: LedgerKey }
  | { readonly kind: 'none'; readonly reason: NoPayingAccount };

const KEPT_MS = 2_000;
const TENANTS_KEPT_MAX = 2_000;

/** Which account pays for a tenant: the host's, or one of its own whose key is in the vault. */
export class PayingAccounts {
  private readonly kept = new Map<string, { readonly account: PayingAccount; readonly until: number }>();

  constructor(
    private readonly uow: UnitOfWork,
    private readonly parts: {
      readonly tenants: TenantsRepository;
      readonly vault: VaultRepository;
      readonly keys: KeyStore;
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

  private async read(tenantId: string): Promise<PayingAccount> {
    const { tenants, vault, keys } = this.parts;
    const { tenant, own } = await this.uow.runSystem('which account pays for a tenant', async (tx) => ({
      tenant: await tenants.findById(tx, tenantId),
      own: await vault.accountOf(tx, tenantId),
    }));
    if (tenant === null || !isUsable(tenant)) return { kind: 'none', reason: 'tenant_not_usable' };
    switch (tenant.distributionAccountType) {
      case 'DISTRIBUTION_ACCOUNT.STELLAR.ENV':
        return { kind: 'found', key: keys.host };
      case 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT': {
        const key = own === null ? null : await keys.find(own);
        return key === null ? { kind: 'none', reason: 'key_unknown' } : { kind: 'found', key };
      }
      case 'DISTRIBUTION_ACCOUNT.CIRCLE.DB_VAULT':
        return { kind: 'none', reason: 'not_paid_by_us' };
    }
  }
}
