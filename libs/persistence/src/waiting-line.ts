/** Who waits for the same thing, and for how long. Everybody has one place in it, and leaves from anywhere. */
export class WaitingLine {
  /** Since when, by `now`, in the order in which they came. */
  private readonly since = new Map<object, number>();

  /** `now` tells milliseconds of a clock that never goes back. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get length(): number {
    return this.since.size;
  }

  /** How long the one who came first has waited; 0 when nobody waits. */
  get longestMs(): number {
    const now = this.now();
    const [oldest = now] = this.since.values();
    return now - oldest;
  }

  enter(who: object): void {
    this.since.set(who, this.now());
  }

  leave(who: object): void {
    this.since.delete(who);
  }
}
