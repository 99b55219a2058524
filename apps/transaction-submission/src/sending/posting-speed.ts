const WINDOW_MS = 10_000;
const SLICE_MS = 1_000;
/** Of a speed that is not known yet, or is very low. */
const BACKLOG_MIN = 64;

/**
 * How many envelopes may wait to be posted: no more than were posted in the last ten seconds, so that what is signed leaves
 * while it is fresh. Where nodes take little, the rest stays queued, where it can be withdrawn and grows no older.
 */
export class PostingSpeed {
  private slices: { readonly number: number; posted: number }[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {}

  posted(): void {
    const number = Math.floor(this.now() / SLICE_MS);
    const last = this.slices.at(-1);
    if (last?.number === number) last.posted += 1;
    else this.slices = [...this.recent(number), { number, posted: 1 }];
  }

  get backlogMax(): number {
    const recent = this.recent(Math.floor(this.now() / SLICE_MS));
    return Math.max(
      BACKLOG_MIN,
      recent.reduce((sum, one) => sum + one.posted, 0),
    );
  }

  private recent(number: number): { readonly number: number; posted: number }[] {
    return this.slices.filter((one) => one.number > number - WINDOW_MS / SLICE_MS);
  }
}
