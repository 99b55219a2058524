/** Who waits for the same thing, and for how long. Everybody has one place in it, and leaves from anywhere. */
export class WaitingLine {
  /** Since when, by `performance.now()`, in the order in which they came. */
  private readonly since = new Map<object, number>();

  get length(): number {
    return this.since.size;
  }

  /** How long the one who came first has waited; 0 when nobody waits. */
  get longestMs(): number {
    const now = performance.now();
    const [oldest = now] = this.since.values();
    return now - oldest;
  }

  enter(who: object): void {
    this.since.set(who, performance.now());
  }

  leave(who: object): void {
    this.since.delete(who);
  }
}
