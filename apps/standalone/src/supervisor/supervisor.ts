import { ManagedProcess, type ProcessEvent } from './managed-process';
import { refuseTakenPorts } from './ports';
import type { Stage } from './process-spec';
import { SupervisorError } from './supervisor.errors';

const LOG_CHECK_MS = 30_000;
/** Ctrl-C is done in ten seconds, whatever the processes do. */
const ALL_STOP_WITHIN_MS = 9_000;
const STAGE_AT_LEAST_MS = 300;

export interface SupervisorOptions {
  readonly stages: readonly Stage[];
  /** One file per process; absolute. */
  readonly logFolder: string;
  readonly onEvent?: (event: ProcessEvent) => void;
}

interface RunningStage {
  readonly processes: readonly ManagedProcess[];
  readonly stopWithinMs: number;
}

/**
 * Starts processes stage by stage, each stage when the one before is ready, keeps them alive, and stops them in the
 * opposite order. When a stage cannot start, what was started is stopped before the error is thrown.
 */
export class Supervisor {
  private readonly stages: readonly RunningStage[];
  private logCheck: NodeJS.Timeout | undefined;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: SupervisorOptions) {
    const report = options.onEvent ?? ((): void => undefined);
    this.stages = options.stages.map((stage) => ({
      stopWithinMs: stage.stopWithinMs,
      processes: stage.processes.map((spec) => new ManagedProcess(spec, options.logFolder, report)),
    }));
  }

  async start(): Promise<void> {
    await refuseTakenPorts(
      this.options.stages.flatMap((stage) => stage.processes.flatMap((process) => process.ports)),
    );
    this.logCheck = setInterval(() => {
      for (const process of this.everyProcess()) process.cutLogWhenLarge();
    }, LOG_CHECK_MS);
    this.logCheck.unref();
    try {
      for (const stage of this.stages) {
        if (this.stopped !== undefined) return;
        await allStarted(stage.processes);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** The id of the running process with that name; undefined while it is down. */
  pidOf(name: string): number | undefined {
    return this.named(name).pid;
  }

  async isReady(name: string): Promise<boolean> {
    return await this.named(name).isReady();
  }

  stop(): Promise<void> {
    clearInterval(this.logCheck);
    this.stopped ??= this.stopStages();
    return this.stopped;
  }

  /** For a second Ctrl-C: no draining. */
  killNow(): void {
    for (const process of this.everyProcess()) process.killNow();
  }

  private async stopStages(): Promise<void> {
    const until = performance.now() + ALL_STOP_WITHIN_MS;
    for (const stage of [...this.stages].reverse()) {
      const withinMs = Math.max(STAGE_AT_LEAST_MS, Math.min(stage.stopWithinMs, until - performance.now()));
      await Promise.all(stage.processes.map((process) => process.stop(withinMs)));
    }
  }

  private named(name: string): ManagedProcess {
    const found = this.everyProcess().find((process) => process.spec.name === name);
    if (found === undefined) throw new SupervisorError(`there is no process called ${name}`);
    return found;
  }

  private everyProcess(): readonly ManagedProcess[] {
    return this.stages.flatMap((stage) => stage.processes);
  }
}

/** Waits for all of them also when one fails, so that none is still being started when the rest is stopped. */
async function allStarted(processes: readonly ManagedProcess[]): Promise<void> {
  const outcomes = await Promise.allSettled(processes.map((process) => process.start()));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
