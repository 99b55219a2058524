/** Closes ledgers by the clock, one at a time, or when asked to. */
export class LedgerCloser {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private broken: Error | null = null;

  constructor(
    private readonly close: () => Promise<void>,
    private interval: number,
    private readonly failed: (error: Error) => void,
  ) {}

  get closeMs(): number {
    return this.interval;
  }

  start(): void {
    this.plan(this.interval);
  }

  /** Milliseconds between ledgers; 0 closes none by the clock. */
  setInterval(closeMs: number): void {
    this.interval = closeMs;
    this.plan(closeMs);
  }

  /** Closes one ledger, after the one that may be closing now. */
  async closeNow(): Promise<void> {
    return this.between(async () => {
      // What could not be kept was lost: nothing may be built on it.
      if (this.broken !== null) throw this.broken;
      try {
        await this.close();
      } catch (error) {
        this.broken = error instanceof Error ? error : new Error(String(error));
        this.failed(this.broken);
        throw this.broken;
      }
    });
  }

  /** Does something while no ledger is being closed. */
  async between(work: () => Promise<void>): Promise<void> {
    const next = this.running.then(work);
    this.running = next.catch(() => undefined);
    return next;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private plan(delay: number): void {
    clearTimeout(this.timer);
    if (this.stopped || this.interval <= 0) return;
    this.timer = setTimeout(() => {
      const startedAt = performance.now();
      this.closeNow().then(
        () => {
          this.plan(Math.max(0, this.interval - (performance.now() - startedAt)));
        },
        () => {
          // Said to `failed` already; no ledger follows.
        },
      );
    }, delay);
  }
}
