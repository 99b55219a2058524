/** Where everything listens; all on this machine only. */
export interface PortPlan {
  readonly staff: number;
  readonly recipients: number;
  readonly staffMetrics: number;
  readonly operator: number;
  readonly recipientMetrics: number;
  readonly core: number;
  readonly messaging: number;
  readonly sandbox: number;
  readonly submission: number;
  readonly postgres: number;
  readonly wallet: number;
  readonly broker: number;
}

export const DEFAULT_PORT_BASE = 8000;
/** The highest port of the plan is this much above its base. */
const HIGHEST = 22;
export const PORT_BASE_MAX = 65_535 - HIGHEST;

/** `PORT_BASE=p` moves 8000 + k to p + k; 9002, the old home of submission's metrics, to p + 12. */
export function portPlan(base: number): PortPlan {
  return {
    staff: base,
    recipients: base + 1,
    staffMetrics: base + 2,
    operator: base + 3,
    recipientMetrics: base + 4,
    core: base + 5,
    messaging: base + 6,
    sandbox: base + 10,
    submission: base === DEFAULT_PORT_BASE ? 9002 : base + 12,
    postgres: base + 20,
    wallet: base + 21,
    broker: base + HIGHEST,
  };
}
