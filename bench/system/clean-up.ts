/** What is to be ended, the youngest first, whether a benchmark ends well, badly or by Ctrl-C. */
export class CleanUp {
  private readonly steps: (() => Promise<void>)[] = [];
  private readonly interrupted = (): void => {
    void this.run().finally(() => process.exit(130));
  };

  constructor() {
    // PostgreSQL is in a process group of its own, so that Ctrl-C does not reach it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, this.interrupted);
  }

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.interrupted);
    for (const step of this.steps.splice(0).reverse()) {
      await step().catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
      });
    }
  }
}
