import type { Logger } from '@libs/observability';

export interface RepeatedWorkOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly logger: Logger;
  /** One bounded piece of work, safe to run in several instances at once. */
  readonly run: () => Promise<void>;
}

/** Runs a piece of work again and again in this process, never twice at once, and sooner when it is woken. */
export class RepeatedWork {
  private running: Promise<void> | null = null;
  private stopped = false;
  private woken = false;
  private resume: (() => void) | null = null;

  constructor(private readonly options: RepeatedWorkOptions) {}

  start(): void {
    this.running ??= this.loop();
  }

  wake(): void {
    this.woken = true;
    this.resume?.();
  }

  /** Does not wait for a piece that is under way: it may be waiting for the ledger, and what it does may be done again. */
  stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    return Promise.resolve();
  }

  private async loop(): Promise<void> {
    const { run, logger, name, everyMs } = this.options;
    while (!this.isStopped()) {
      this.woken = false;
      await run().catch((error: unknown) => {
        if (!this.isStopped()) logger.warn({ error, work: name }, 'repeated work failed and is tried again');
      });
      await this.rest(everyMs);
    }
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private async rest(milliseconds: number): Promise<void> {
    if (this.woken || this.stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.resume = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.resume = null;
  }
}
