import type { Monotonic } from '../engine-context';

const REST_MS = 1_000;
const REMEMBERED_MAX = 5_000;

/**
 * Tenants for whom nothing could be signed a moment ago, because all they have is held, beyond a ceiling or without a key. For
 * a second they come after all others, so that they neither take places nor cost a claim in each round.
 */
export class RestingTenants {
  private readonly until = new Map<string, number>();

  constructor(private readonly now: Monotonic) {}

  rest(tenantId: string): void {
    if (this.until.size >= REMEMBERED_MAX) this.until.clear();
    this.until.set(tenantId, this.now() + REST_MS);
  }

  wake(tenantId: string): void {
    this.until.delete(tenantId);
  }

  /** In their order: those to ask now, and those that rest. */
  split(tenants: readonly string[]): {
    readonly awake: readonly string[];
    readonly resting: readonly string[];
  } {
    const now = this.now();
    const isResting = (tenantId: string): boolean => (this.until.get(tenantId) ?? -Infinity) > now;
    return {
      awake: tenants.filter((one) => !isResting(one)),
      resting: tenants.filter(isResting),
    };
  }
}
