/** Where the time comes from. Injected, so that a test decides what time it is. */
export abstract class Clock {
  abstract now(): Date;
}

/** A clock that stands still until it is told to move. For tests and the simulation. */
export class ManualClock extends Clock {
  constructor(private current: Date) {
    super();
  }

  now(): Date {
    return this.current;
  }

  advanceMs(milliseconds: number): void {
    this.current = new Date(this.current.getTime() + milliseconds);
  }
}
