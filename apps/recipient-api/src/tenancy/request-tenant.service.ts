import { HttpProblem, traceOf } from '@libs/http';
import type { TenantContext, UnitOfWork } from '@libs/persistence';
import {
  isUsable,
  type Tenant,
  type TenantDirectory,
  type TenantHints,
  type TenantsRepository,
} from '@libs/tenants';
import type { Request } from 'express';

export interface RequestTenantDependencies {
  readonly work: UnitOfWork;
  readonly tenants: TenantsRepository;
  readonly directory: TenantDirectory;
}

/** Every request asks for its tenant; a deactivated one is refused after this time at the latest. */
const REMEMBERED_MS = 2_000;
const REMEMBERED_MAX = 1_000;

interface Remembered {
  readonly until: number;
  readonly tenant: Promise<Tenant | null>;
}

/** Whom a request is for: by the token's claim, the header, the host, or in single-tenant mode the only one. */
export class RequestTenant {
  private readonly remembered = new Map<string, Remembered>();

  constructor(private readonly dependencies: RequestTenantDependencies) {}

  /** Null when the request names no organisation that may be used. */
  async find(request: Request): Promise<Tenant | null> {
    const { work, directory } = this.dependencies;
    const hints = hintsOf(request);
    return await this.once(`hints ${hints.header ?? ''} ${hints.host}`, () =>
      work.runSystem('find the tenant of a request', (tx) => directory.resolve(tx, hints)),
    );
  }

  /** The tenant of a request that needs one; 400 without. */
  async of(request: Request): Promise<Tenant> {
    const tenant = await this.find(request);
    if (tenant === null) throw new HttpProblem(400, { error: 'Tenant not found in context' });
    return tenant;
  }

  /** The tenant that a token is for. Null when it may not be used, or the request names another one. */
  async ofToken(request: Request, tenantId: string): Promise<Tenant | null> {
    const { work, tenants, directory } = this.dependencies;
    const hints = hintsOf(request);
    return await this.once(`token ${tenantId} ${hints.header ?? ''} ${hints.host}`, () =>
      work.runSystem('find the tenant of a token', async (tx) => {
        const tenant = await tenants.findById(tx, tenantId);
        if (tenant === null || !isUsable(tenant)) return null;
        return (await directory.namesAnother(tx, hints, tenant.name)) ? null : tenant;
      }),
    );
  }

  private async once(key: string, find: () => Promise<Tenant | null>): Promise<Tenant | null> {
    const now = performance.now();
    const known = this.remembered.get(key);
    if (known !== undefined && known.until > now) return await known.tenant;
    const tenant = find();
    if (this.remembered.size >= REMEMBERED_MAX) this.remembered.clear();
    this.remembered.set(key, { until: now + REMEMBERED_MS, tenant });
    try {
      return await tenant;
    } catch (error) {
      // An outage is not remembered.
      this.remembered.delete(key);
      throw error;
    }
  }
}

/** What database transactions of this request are told. The person behind it is known by contact only. */
export const contextOf = (request: Request, tenant: { readonly id: string }): TenantContext => ({
  tenantId: tenant.id,
  actor: 'receiver',
  trace: traceOf(request),
});

function hintsOf(request: Request): TenantHints {
  const header = request.headers['sdp-tenant-name'];
  return { header: typeof header === 'string' && header !== '' ? header : null, host: request.hostname };
}
