/** Work that goes on beside other work, at its own pace, one at a time. */
export class WorkBeside {
  private running = false;
  private last: Promise<void> = Promise.resolve();

  /** Begins the work, unless it goes on already or has failed. */
  begin(work: () => Promise<void>): void {
    if (this.running) return;
    this.running = true;
    this.last = work().then(() => {
      this.running = false;
    });
    // Waited for at the end, by when it may have failed long ago.
    this.last.catch(() => undefined);
  }

  /** Once nothing goes on any more. Fails with what the work failed with. */
  async end(): Promise<void> {
    await this.last;
  }
}
