import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';

import { claimTurn } from './job-clock.repository';
import { Wakeable } from './wakeable';

export interface ClockJob {
  /** Names the row that all replicas share: never the same for two jobs. */
  readonly name: string;
  readonly everyMs: number;
  /** One bounded piece of work. It must be safe to run while another replica runs it too. */
  readonly run: () => Promise<void>;
}

export interface ClockJobsOptions {
  readonly unit: UnitOfWork;
  readonly logger: Logger;
}

const AFTER_OUTAGE_MS = 1_000;

/**
 * Work by the clock: each period of a job is run by exactly one of all replicas, the one whose guarded upsert of the
 * job's row wins. The database's clock decides.
 *
 * A period that passes while nobody runs is skipped, not made up for.
 */
export class ClockJobs {
  private readonly loops = new Map<string, JobLoop>();
  private started = false;

  constructor(private readonly options: ClockJobsOptions) {}

  add(job: ClockJob): void {
    if (this.loops.has(job.name)) throw new Error(`there are two jobs named ${job.name}`);
    const loop = new JobLoop(job, this.options);
    this.loops.set(job.name, loop);
    if (this.started) loop.start();
  }

  /** Jobs that are added later start at once: an app's modules may be up before all of them are there. */
  start(): void {
    this.started = true;
    for (const loop of this.loops.values()) loop.start();
  }

  /** Runs the job in this process as soon as it is idle, whatever the clock says. Any number of calls make one run. */
  wake(name: string): void {
    const loop = this.loops.get(name);
    if (loop === undefined) throw new Error(`there is no job named ${name}`);
    loop.wake();
  }

  /** Resolves when no job runs any more. */
  async stop(): Promise<void> {
    await Promise.all([...this.loops.values()].map((loop) => loop.stop()));
  }
}

class JobLoop {
  private readonly pause = new Wakeable();
  private woken = false;
  private stopped = false;
  private running: Promise<void> | null = null;

  constructor(
    private readonly job: ClockJob,
    private readonly options: ClockJobsOptions,
  ) {}

  start(): void {
    this.running ??= this.loop();
  }

  wake(): void {
    this.woken = true;
    this.pause.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.pause.wake();
    await this.running;
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      const waitMs = await this.step().catch((error: unknown) => {
        this.options.logger.error({ error, job: this.job.name }, 'a job failed');
        return Math.min(this.job.everyMs, AFTER_OUTAGE_MS);
      });
      await this.pause.wait(waitMs);
    }
  }

  /** Runs the job when it is its turn or when it was woken. Returns the milliseconds until the next turn. */
  private async step(): Promise<number> {
    const { job, options } = this;
    const { won, nextInMs } = await options.unit.runSystem(`whose turn is ${job.name}`, (tx) =>
      claimTurn(tx, job.name, job.everyMs),
    );
    const startedAt = performance.now();
    if (won || this.woken) {
      this.woken = false;
      await job.run();
    }
    return Math.max(0, nextInMs - (performance.now() - startedAt));
  }
}
