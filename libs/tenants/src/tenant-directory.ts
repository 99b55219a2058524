import { isIP } from 'node:net';

import type { SystemTx, TenantTx } from '@libs/persistence';

import { isUsable, type Tenant } from './tenant';
import type { TenantsRepository } from './tenants.repository';

type Tx = SystemTx | TenantTx;

/** What a request says about the tenant it is for. */
export interface TenantHints {
  /** The header `SDP-Tenant-Name`, or null. */
  readonly header: string | null;
  /** The host name without its port. */
  readonly host: string;
}

const HOST_LABELS_MIN = 3;
const NAME = /^[a-z][a-z-]{0,62}$/;

/** `acme` of `acme.pay.example.org`; null for an IP address or a host of fewer than three labels. */
export function tenantNameOfHost(host: string): string | null {
  const labels = host.toLowerCase().split('.');
  const [first] = labels;
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || labels.length < HOST_LABELS_MIN) return null;
  return first !== undefined && NAME.test(first) ? first : null;
}

/** Finds the tenant that a request without a token is for: by header, by host, and else the only one. */
export class TenantDirectory {
  readonly singleTenantMode: boolean;

  constructor(
    private readonly tenants: TenantsRepository,
    options: { readonly singleTenantMode: boolean },
  ) {
    this.singleTenantMode = options.singleTenantMode;
  }

  /** Null when the request names none that may be used. */
  async resolve(tx: Tx, hints: TenantHints): Promise<Tenant | null> {
    const named: Tenant[] = [];
    for (const name of this.namesIn(hints)) {
      const tenant = await this.tenants.findByName(tx, name);
      if (tenant !== null) named.push(tenant);
    }
    return this.choose(hints, {
      named,
      only: this.singleTenantMode ? await this.tenants.findDefault(tx) : null,
    });
  }

  /** The same as `resolve` for who has read the tenants of `namesIn` already, and the only one where there is one. */
  choose(
    hints: TenantHints,
    found: { readonly named: readonly Tenant[]; readonly only: Tenant | null },
  ): Tenant | null {
    const usable = (name: string): Tenant | null =>
      found.named.find((tenant) => tenant.name === name && isUsable(tenant)) ?? null;
    if (hints.header !== null) {
      const named = usable(hints.header);
      // Screens may send a name that they guessed from their own address; with one tenant there is nothing to guess.
      if (named !== null || !this.singleTenantMode) return named;
    }
    const label = tenantNameOfHost(hints.host);
    const named = label === null ? null : usable(label);
    if (named !== null || !this.singleTenantMode) return named;
    return found.only !== null && isUsable(found.only) ? found.only : null;
  }

  /** Whether the request names another tenant than the one that its token is for. */
  async namesAnother(tx: Tx, hints: TenantHints, tenantName: string): Promise<boolean> {
    const known: string[] = [];
    for (const name of this.namesIn(hints)) {
      if (name !== tenantName && (await this.tenants.findByName(tx, name)) !== null) known.push(name);
    }
    return this.contradicts(hints, tenantName, known);
  }

  /** What a request may call its tenant. */
  namesIn(hints: TenantHints): string[] {
    const names = [hints.header, tenantNameOfHost(hints.host)];
    return names.filter((name) => name !== null).filter((name) => NAME.test(name));
  }

  /** The same as `namesAnother` for who already knows which of `namesIn` are names of tenants. */
  contradicts(hints: TenantHints, tenantName: string, known: readonly string[]): boolean {
    if (hints.header !== null && hints.header !== tenantName) {
      if (!this.singleTenantMode || known.includes(hints.header)) return true;
    }
    const label = tenantNameOfHost(hints.host);
    // The first label may be the service's own name (`staff.pay.example.org`), so only a tenant's name contradicts.
    return label !== null && label !== tenantName && known.includes(label);
  }
}
