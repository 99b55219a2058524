/** The network's own time. Tests may stop it and move it; otherwise it is the machine's. */
export class SandboxClock {
  private stoppedAt: number | null = null;
  private offset = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return this.stoppedAt ?? Date.now() + this.offset;
  }

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  stop(at: number): void {
    this.stoppedAt = at;
  }

  /** Goes on from where it stands. */
  resume(): void {
    if (this.stoppedAt === null) return;
    this.offset = this.stoppedAt - Date.now();
    this.stoppedAt = null;
  }

  advance(milliseconds: number): void {
    if (this.stoppedAt === null) this.offset += milliseconds;
    else this.stoppedAt += milliseconds;
  }

  /** Back to the machine's time. */
  reset(): void {
    this.stoppedAt = null;
    this.offset = 0;
  }
}
