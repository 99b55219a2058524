import type { Counts } from './counts';
import { progressLine, progressLines } from './progress-text';

const REDRAW_MS = 250;
const LINE_EVERY_MS = 5_000;

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Shows how far the demo is: redrawn lines on a terminal, a line now and then elsewhere. */
export class ProgressView {
  private drawn = 0;
  private timer: NodeJS.Timeout | undefined;
  private startedAt = 0;

  constructor(private readonly screen: Screen) {}

  /** A sentence between or above the bars. */
  say(text: string): void {
    this.erase();
    this.screen.write(`${text}\n`);
  }

  start(counts: () => Counts): void {
    this.startedAt = performance.now();
    const live = this.screen.isTTY === true;
    const show = (): void => {
      if (live) this.draw(progressLines(counts(), this.seconds()));
      else this.screen.write(`${progressLine(counts(), this.seconds())}\n`);
    };
    this.timer = setInterval(show, live ? REDRAW_MS : LINE_EVERY_MS);
  }

  /** Shows the last state once more. */
  finish(counts: Counts): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.screen.isTTY === true) {
      this.draw(progressLines(counts, this.seconds()));
      this.drawn = 0;
    } else this.screen.write(`${progressLine(counts, this.seconds())}\n`);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  private draw(lines: readonly string[]): void {
    this.erase();
    this.screen.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }

  /** Up to where the bars begin, and everything below gone. */
  private erase(): void {
    if (this.drawn > 0) this.screen.write(`\u001b[${String(this.drawn)}A\u001b[J`);
    this.drawn = 0;
  }
}
