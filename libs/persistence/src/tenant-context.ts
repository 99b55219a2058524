/** Who acts, for which organisation. Made once at the edge: a guard, an event's envelope, a job's loop. */
export interface TenantContext {
  readonly tenantId: string;
  /** `user:<id>`, `api-key:<id>`, `receiver`, or `system:<job or handler>`. Goes into histories. */
  readonly actor: string;
  /** W3C traceparent, or empty. Goes into the events that this work causes. */
  readonly trace: string;
}
