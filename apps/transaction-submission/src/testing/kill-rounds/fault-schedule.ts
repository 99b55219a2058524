import type { SeededRandom } from '../simulation/seeded-random';
import type { FailpointAction } from './failpoints';

export type Fault =
  | {
      readonly kind: 'point';
      readonly point: string;
      readonly action: FailpointAction;
      readonly skip: number;
    }
  /** SIGSTOP for longer than an instance may be silent, then SIGCONT. */
  | { readonly kind: 'freeze' }
  /** kill −9 of PostgreSQL. */
  | { readonly kind: 'postgres' };

export const FAULT_KINDS: readonly Fault['kind'][] = ['point', 'freeze', 'postgres'];

/** Where money is at stake: these points come before all others. */
const MONEY =
  /^(on-payment|event-processor|signing|settling|resending|engine|an envelope|consumer offsets|relay|watching)/;
const SKIP_MAX = 2;
const POSTGRES_EVERY = 7;
const FREEZE_EVERY = 9;
const CUT_EVERY = 3;

/** Which fault strikes in which round: every point in turn, and now and then one of the others. */
export class FaultSchedule {
  private readonly points = new Map<string, FailpointAction>();
  private readonly met = new Set<string>();
  private waiting: string[] = [];
  private rounds = 0;

  /** `only`: nothing but faults of this kind. */
  constructor(
    private readonly random: SeededRandom,
    private readonly only: Fault['kind'] | null = null,
  ) {}

  add(point: string, action: FailpointAction): void {
    if (this.points.has(point)) return;
    this.points.set(point, action);
    this.waiting.push(point);
  }

  get known(): number {
    return this.points.size;
  }

  get struck(): number {
    return this.met.size;
  }

  /** Points that were not met when it was their turn, in alphabetical order. */
  get missing(): readonly string[] {
    return [...this.points.keys()].filter((one) => !this.met.has(one)).sort();
  }

  next(): Fault {
    const round = this.rounds;
    this.rounds += 1;
    if (this.only === 'postgres' || this.only === 'freeze') return { kind: this.only };
    if (this.only === null && round % POSTGRES_EVERY === 2) return { kind: 'postgres' };
    if (this.only === null && round % FREEZE_EVERY === 5) return { kind: 'freeze' };
    const action: FailpointAction = round % CUT_EVERY === 0 ? 'cut' : 'kill';
    const point = this.take(action) ?? this.take(action === 'cut' ? 'kill' : 'cut');
    if (point === null) {
      this.waiting = [...this.points.keys()];
      return this.next();
    }
    return {
      kind: 'point',
      point,
      action: this.points.get(point) ?? 'kill',
      skip: this.random.below(SKIP_MAX),
    };
  }

  hasStruck(fault: Fault): void {
    if (fault.kind === 'point') this.met.add(fault.point);
  }

  private take(action: FailpointAction): string | null {
    const fitting = this.waiting.filter((one) => this.points.get(one) === action);
    const money = fitting.filter((one) => MONEY.test(one));
    const from = money.length > 0 ? money : fitting;
    if (from.length === 0) return null;
    const point = this.random.pick(from);
    this.waiting = this.waiting.filter((one) => one !== point);
    return point;
  }
}
