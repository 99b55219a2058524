import type { EngineSettings } from '../../engine-context';
import type { SeededRandom } from './seeded-random';
import type { SimulatedNetwork } from './simulated-network';
import type { SimulatedTime } from './simulated-time';
import { SimulatedWorker } from './simulated-worker';
import type { SimulationWorld } from './simulation-world';
import { Actor, type Stepper } from './stepper';
import type { Weather } from './weather';

export interface PoolParts {
  readonly world: SimulationWorld;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly weather: Weather;
  readonly stepper: Stepper;
  readonly settings: EngineSettings;
  readonly time: SimulatedTime;
  readonly onSubmit: (payload: string) => void;
}

/** A turn of some payments passes about so many points. */
const FUSE_MAX = 90;
const FREEZE_STEPS_MAX = 25;
const THAW = 0.25;
/** A dead process is followed by another, at once or a little later. */
const HIRE = 0.8;
/** The lock by which others see at once that an instance has died. */
const INSTANCE_LOCK = `hashtextextended('submissions:instance:' || $1::text, 0)`;

/** The processes of a run: who lives, who dies, who stands still. */
export class WorkerPool {
  started = 0;
  private workers: SimulatedWorker[] = [];
  /** Instances whose session is alive. */
  private readonly sessions = new Set<string>();

  constructor(
    private readonly parts: PoolParts,
    private readonly wanted: number,
  ) {}

  get areBusy(): boolean {
    return this.workers.some(({ actor, isBusy }) => isBusy && !actor.frozen && !actor.dead);
  }

  /** Buries the dead, starts others in their place, and lets the weather strike. */
  async prepare(): Promise<void> {
    const { random, weather } = this.parts;
    for (const { actor, instanceId } of this.workers) if (actor.dead) await this.endSession(instanceId);
    this.workers = this.workers.filter(({ actor }) => !actor.dead);
    const standing = this.workers.filter(({ actor }) => !actor.frozen).length;
    // While one stands still, others take its place, as an orchestrator would see to it.
    for (let have = standing; have < this.wanted; have += 1) if (random.chance(HIRE)) await this.hire();
    for (const worker of this.workers) {
      this.strike(worker);
      if (random.chance(weather.loseSession)) await this.endSession(worker.instanceId);
    }
  }

  beginTurns(): void {
    for (const worker of this.workers) if (!worker.actor.frozen && !worker.actor.dead) worker.begin();
  }

  /** Everybody who lives goes on, and others see that they live. */
  async thaw(): Promise<void> {
    for (const { actor, instanceId } of this.workers) {
      actor.thaw();
      actor.fuse = null;
      if (!actor.dead && !this.sessions.has(instanceId)) await this.openSession(instanceId);
    }
  }

  killAll(): void {
    for (const { actor } of this.workers) actor.dead = true;
  }

  private strike(worker: SimulatedWorker): void {
    const { actor } = worker;
    const { random, weather } = this.parts;
    if (actor.frozen) {
      if (random.chance(THAW)) actor.thaw();
    } else if (random.chance(weather.crash)) actor.fuse = 1 + random.below(FUSE_MAX);
    else if (random.chance(weather.freeze)) actor.freezeAfter(1 + random.below(FREEZE_STEPS_MAX));
    else if (random.chance(weather.restart)) worker.beginStop();
  }

  private async hire(): Promise<void> {
    const { stepper, time } = this.parts;
    this.started += 1;
    const instanceId = time.newId();
    const actor = new Actor(`worker-${String(this.started)}`, stepper);
    await this.openSession(instanceId);
    this.workers.push(new SimulatedWorker({ ...this.parts, actor, instanceId }));
  }

  private async openSession(instanceId: string): Promise<void> {
    await this.parts.world.admin.query(`SELECT pg_advisory_lock(${INSTANCE_LOCK})`, [instanceId]);
    this.sessions.add(instanceId);
  }

  private async endSession(instanceId: string): Promise<void> {
    if (!this.sessions.delete(instanceId)) return;
    await this.parts.world.admin.query(`SELECT pg_advisory_unlock(${INSTANCE_LOCK})`, [instanceId]);
  }
}
