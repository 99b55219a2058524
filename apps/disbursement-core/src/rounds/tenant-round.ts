import { eachTenant } from '@libs/eventing';
import { LOWEST_ID } from '@libs/kernel';
import type { Logger } from '@libs/observability';

const TENANTS_PER_RUN = 1_000;

/** Finds tenants that have something to do behind a tenant, in the order of their ids, at most so many. */
export type FindTenants = (after: string, limit: number) => Promise<readonly string[]>;

/**
 * Goes over the tenants that have something to do, at most a thousand per run, the next ones in the next run, and round again.
 * What fails for one tenant is said and keeps nobody else from their turn.
 */
export class TenantRound {
  private after = LOWEST_ID;

  constructor(
    private readonly logger: Logger,
    private readonly jobName: string,
  ) {}

  async run(find: FindTenants, work: (tenantId: string) => Promise<void>): Promise<void> {
    await eachTenant({ name: this.jobName, logger: this.logger }, await this.next(find), work);
  }

  private async next(find: FindTenants): Promise<readonly string[]> {
    const behind = await find(this.after, TENANTS_PER_RUN);
    const missing = TENANTS_PER_RUN - behind.length;
    const isWhole = this.after === LOWEST_ID || missing === 0;
    // From the first one again, up to where this run has begun.
    const before = isWhole ? [] : (await find(LOWEST_ID, missing)).filter((id) => id <= this.after);
    const tenants = [...behind, ...before];
    this.after = tenants.length < TENANTS_PER_RUN ? LOWEST_ID : (tenants.at(-1) ?? LOWEST_ID);
    return tenants;
  }
}
