import { createHash, type Hash } from 'node:crypto';

import { KilledError } from '@libs/testing';
import type { SeededRandom } from './seeded-random';

interface Waiting {
  readonly actor: Actor;
  readonly label: string;
  readonly run: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

/** Whatever the code waits for outside of steps (promises, not timers) is over after this. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Lets many actors work at once in an order that the seed decides. Everything that one of them does outside of its own
 * memory is a step: a database transaction, a request to a node. One step runs at a time.
 */
export class Stepper {
  private waiting: Waiting[] = [];
  private readonly trace: Hash = createHash('sha256');
  private steps = 0;

  constructor(
    private readonly random: SeededRandom,
    private readonly tell: ((line: string) => void) | null,
  ) {}

  get count(): number {
    return this.steps;
  }

  /** Names everything that happened, in order: two runs with the same digest were the same run. */
  digest(): string {
    return this.trace.copy().digest('hex').slice(0, 16);
  }

  note(line: string): void {
    this.trace.update(line).update('\n');
    this.tell?.(line);
  }

  async step<T>(actor: Actor, label: string, work: () => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.waiting.push({
        actor,
        label,
        refuse: reject,
        run: async () => {
          await work().then(resolve, reject);
        },
      });
    });
  }

  /** Runs steps until nobody waits but the frozen. */
  async run(): Promise<void> {
    for (;;) {
      await settled();
      this.buryDead();
      const ready = this.waiting.filter(({ actor }) => !actor.frozen && !actor.dead);
      if (ready.length === 0) return;
      const next = this.random.pick(ready);
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.steps += 1;
      next.actor.countStep();
      this.note(`${String(this.steps)} ${next.actor.name} ${next.label}`);
      await next.run();
    }
  }

  private buryDead(): void {
    const dead = this.waiting.filter(({ actor }) => actor.dead);
    if (dead.length === 0) return;
    this.waiting = this.waiting.filter(({ actor }) => !actor.dead);
    for (const { refuse } of dead) refuse(new KilledError('killed'));
  }
}

/** A process, or a person: what can be killed or frozen as one. */
export class Actor {
  dead = false;
  /** As by SIGSTOP: its steps wait. */
  frozen = false;
  /** So many more points (statements, commits, bytes on the wire) until it dies; null for never. */
  fuse: number | null = null;

  private freezeIn: number | null = null;

  constructor(
    readonly name: string,
    private readonly stepper: Stepper,
  ) {}

  /** Stands still after so many more steps. */
  freezeAfter(steps: number): void {
    this.freezeIn = steps;
  }

  thaw(): void {
    this.frozen = false;
    this.freezeIn = null;
  }

  countStep(): void {
    if (this.freezeIn === null) return;
    this.freezeIn -= 1;
    if (this.freezeIn <= 0) {
      this.frozen = true;
      this.freezeIn = null;
    }
  }

  async step<T>(label: string, work: () => Promise<T>): Promise<T> {
    if (this.dead) throw new KilledError('killed');
    return await this.stepper.step(this, label, work);
  }

  /** Passes one point at which a crash can make a difference. Throws when this is where it dies. */
  pass(point: string): void {
    if (this.dead) throw new KilledError('killed');
    if (this.fuse === null) return;
    this.fuse -= 1;
    if (this.fuse > 0) return;
    this.dead = true;
    this.stepper.note(`  ${this.name} dies at: ${point}`);
    throw new KilledError('killed');
  }
}
