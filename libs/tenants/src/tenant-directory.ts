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
function tenantNameOfHost(host: string): string | null {
  const labels = host.toLowerCase().split('.');
  const [first] = labels;
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || labels.length < HOST_LABELS_MIN) return null;
  return first !== undefined && NAME.test(first) ? first : null;
}

/** Finds the tenant that a request without a token is for: by header, by host, and else the only one. */
export class TenantDirectory {
  constructor(
    private readonly tenants: TenantsRepository,
    private readonly options: { readonly singleTenantMode: boolean },
  ) {}

  /** Null when the request names none that may be used. */
  async resolve(tx: Tx, hints: TenantHints): Promise<Tenant | null> {
    const { singleTenantMode } = this.options;
    if (hints.header !== null) {
      const named = await this.usable(tx, hints.header);
      // Screens may send a name that they guessed from their own address; with one tenant there is nothing to guess.
      if (named !== null || !singleTenantMode) return named;
    }
    const label = tenantNameOfHost(hints.host);
    const named = label === null ? null : await this.usable(tx, label);
    if (named !== null || !singleTenantMode) return named;
    const only = await this.tenants.findDefault(tx);
    return only !== null && isUsable(only) ? only : null;
  }

  /** Whether the request names another tenant than the one that its token is for. */
  async namesAnother(tx: Tx, hints: TenantHints, tenantName: string): Promise<boolean> {
    const known: string[] = [];
    for (const name of this.namesIn(hints)) {
      if (name !== tenantName && (await this.tenantNamed(tx, name)) !== null) known.push(name);
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
    const { singleTenantMode } = this.options;
    if (hints.header !== null && hints.header !== tenantName) {
      if (!singleTenantMode || known.includes(hints.header)) return true;
    }
    const label = tenantNameOfHost(hints.host);
    // The first label may be the service's own name (`staff.pay.example.org`), so only a tenant's name contradicts.
    return label !== null && label !== tenantName && known.includes(label);
  }

  private async usable(tx: Tx, name: string): Promise<Tenant | null> {
    const tenant = await this.tenantNamed(tx, name);
    return tenant !== null && isUsable(tenant) ? tenant : null;
  }

  private async tenantNamed(tx: Tx, name: string): Promise<Tenant | null> {
    return NAME.test(name) ? await this.tenants.findByName(tx, name) : null;
  }
}
