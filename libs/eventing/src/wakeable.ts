/** Waits that can be cut short: for loops that sweep now and then and are woken when there is something to do. */
export class Wakeable {
  private woken = false;
  private finish: (() => void) | null = null;

  /** Ends the wait at hand, or the next one if nobody waits now. */
  wake(): void {
    this.woken = true;
    this.finish?.();
  }

  async wait(milliseconds: number): Promise<void> {
    if (!this.woken && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.finish = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.finish = null;
    }
    this.woken = false;
  }
}
