import { mustBe } from '../benchmark';
import type { MainJobSystem } from './main-job';

const LOOK_EVERY_MS = 1_000;
/** Payments of an organisation that may be with submission, direct ones included: docs/capacity.md. */
const BACKLOG_MAX = 12_500;
const MEBIBYTE = 2 ** 20;
const POINTS = [0, 25, 50, 75, 100] as const;

/** What a run takes while it goes on, a look each second: memory of the apps together, and how much submission has of one organisation. */
export class RunWatch {
  private readonly bytes: number[] = [];
  private backlogMost = 0;
  private looking: Promise<void>;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly system: MainJobSystem) {
    this.looking = this.look();
    this.timer = setInterval(() => {
      // Whoever waits for the run says why it failed.
      this.looking = this.looking.then(() => this.look()).catch(() => clearInterval(this.timer));
    }, LOOK_EVERY_MS).unref();
  }

  /** Bytes at each look. Throws when more was with submission than may be (I16). */
  async stop(): Promise<readonly number[]> {
    clearInterval(this.timer);
    await this.looking;
    await this.look();
    mustBe(
      'I16: whether submission had no more of an organisation than it may have',
      this.backlogMost <= BACKLOG_MAX,
      true,
    );
    return this.bytes;
  }

  private async look(): Promise<void> {
    this.bytes.push(this.system.residentBytes());
    const row = await this.system.staff.postgres.one(
      `SELECT max(pending) AS most FROM (
         SELECT sum(count_pending) AS pending FROM disbursements.disbursements WHERE count_pending > 0 GROUP BY tenant_id) of_each`,
    );
    this.backlogMost = Math.max(this.backlogMost, Number(row['most'] ?? 0));
  }
}

/** Memory of the apps together, in MiB, from the beginning to the end of a run, and the most of it. */
export function memoryCurve(bytes: readonly number[]): Readonly<Record<string, number>> {
  const at = (percent: number): number =>
    Math.round((bytes[Math.round(((bytes.length - 1) * percent) / 100)] ?? Number.NaN) / MEBIBYTE);
  return {
    ...Object.fromEntries(POINTS.map((percent) => [`memoryMiBAt${String(percent)}Percent`, at(percent)])),
    memoryMiBMost: Math.round(Math.max(...bytes) / MEBIBYTE),
  };
}
