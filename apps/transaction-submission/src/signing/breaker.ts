/**
 * How many attempts of a tenant may be on their way at once. It halves when attempts expire or are refused and doubles as
 * they are applied, so that a surge or an outage slows payments down instead of failing any.
 */
export class Breaker {
  private readonly limits = new Map<string, number>();

  /** `max` is asked each time: the number of channel accounts may change while the app runs. */
  constructor(private readonly max: () => number) {}

  /** How many tenants are slowed down. */
  get open(): number {
    return this.limits.size;
  }

  limit(tenantId: string): number {
    return this.limits.get(tenantId) ?? this.max();
  }

  record(
    tenantId: string,
    outcome: { readonly applied: number; readonly neverApplied: number; readonly ours: boolean },
  ): void {
    const limit = this.limit(tenantId);
    if (outcome.ours) this.set(tenantId, 1);
    else if (outcome.neverApplied > outcome.applied) this.set(tenantId, Math.max(1, Math.floor(limit / 2)));
    else if (outcome.applied > 0) this.set(tenantId, limit * 2);
  }

  private set(tenantId: string, limit: number): void {
    if (limit >= this.max()) this.limits.delete(tenantId);
    else this.limits.set(tenantId, limit);
  }
}
