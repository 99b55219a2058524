import type { ArmedFailpoint } from './failpoints';
import { DiedAtStartError, KillableProcess } from './killable-process';

const PROCESSES = 2;

/** A point that waits to be met. */
export interface Strike {
  hasStruck(): boolean;
}

/** Two transaction-submissions that share the work; the dead are replaced. */
export class ProcessPair {
  started = 0;
  private processes: KillableProcess[] = [];

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly onPoint: (point: string, action: ArmedFailpoint['action']) => void,
  ) {}

  get lastLines(): string {
    return this.processes.map((one) => `process ${String(one.pid)}:\n${one.lastLines}`).join('\n');
  }

  /** Starts what is missing, and returns when all serve. */
  async complete(): Promise<void> {
    this.processes = this.processes.filter((one) => one.isAlive);
    const missing = PROCESSES - this.processes.length;
    this.processes.push(...(await Promise.all(Array.from({ length: missing }, () => this.start(null)))));
  }

  /** Whoever comes to the point first dies there, or is cut off; it may be both. */
  arm(failpoint: ArmedFailpoint): Strike {
    const armed = [...this.processes];
    for (const one of armed) one.arm(failpoint);
    return { hasStruck: () => armed.some((one) => !one.isAlive || one.cutAt !== null) };
  }

  disarm(): void {
    for (const one of this.processes) one.arm(null);
  }

  /**
   * Stops one as a deployment does, and starts another in its place. With a point, both are armed with it; true when one of
   * them met it.
   */
  async renew(failpoint: ArmedFailpoint | null): Promise<boolean> {
    await this.complete();
    const armed = failpoint === null ? null : { ...failpoint, skip: 0 };
    const [old] = this.processes;
    if (old === undefined) return false;
    old.arm(armed);
    old.signal('SIGTERM');
    const code = await old.ended();
    let hasStruck = code === null || old.cutAt !== null;
    try {
      const fresh = await this.start(armed);
      this.processes.push(fresh);
      hasStruck ||= fresh.cutAt !== null;
    } catch (error) {
      if (!(error instanceof DiedAtStartError)) throw error;
      hasStruck = true;
    }
    await this.complete();
    return hasStruck;
  }

  /** SIGSTOP for so long, then SIGCONT: the others have taken over by then, and it has to end. */
  async freeze(milliseconds: number): Promise<void> {
    const [victim] = this.processes;
    if (victim === undefined) return;
    victim.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    victim.signal('SIGCONT');
    await victim.ended();
  }

  async killAll(): Promise<void> {
    for (const one of this.processes) {
      one.signal('SIGKILL');
      await one.ended();
    }
  }

  private async start(armed: ArmedFailpoint | null): Promise<KillableProcess> {
    this.started += 1;
    return await KillableProcess.start(this.environment, this.onPoint, armed);
  }
}
