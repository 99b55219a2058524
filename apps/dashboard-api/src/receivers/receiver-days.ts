import type { CreatedBetween } from '@libs/http';
import type { TenantTx } from '@libs/persistence';
import { isPublished } from '@libs/receivers';

const DAY_MS = 86_400_000;
const KEEP_MS = 600_000;
const TENANTS_MAX = 500;

interface Days {
  /** The first day that may still change, in days since 1970: the one before today. */
  readonly open: number;
  /** How many people came on each day before that. */
  readonly people: ReadonlyMap<number, number>;
}

interface Kept {
  readonly days: Promise<Days>;
  readonly askedAt: number;
}

/**
 * How many people there are of some days. Who came on a day that is over stays: those days are counted once for many minutes, in
 * one go, and only yesterday and today each time. An upload that needs more than a day is seen in the older days minutes later.
 */
export class ReceiverDays {
  private readonly kept = new Map<string, Kept>();

  /** Its bounds are midnights of UTC. */
  async count(tx: TenantTx, { from, until }: CreatedBetween): Promise<number> {
    const { open, people } = await this.days(tx);
    const first = from === null ? -Infinity : dayOf(from);
    const end = until === null ? Infinity : dayOf(until);
    let total = 0;
    for (const [day, count] of people) if (day >= first && day < end) total += count;
    if (end <= open) return total;
    const recent = await tx.queryOne<{ readonly total: number }>(
      `SELECT count(*)::int AS total FROM receivers.receivers r
        WHERE r.tenant_id = $1 AND r.created_at >= $2 AND r.created_at < coalesce($3::timestamptz, 'infinity') AND ${isPublished('r')}`,
      [tx.tenantId, new Date(Math.max(first, open) * DAY_MS).toISOString(), until],
    );
    return total + (recent?.total ?? 0);
  }

  /** Many who ask at once wait for one count; where that fails each counts. */
  private async days(tx: TenantTx): Promise<Days> {
    const kept = this.kept.get(tx.tenantId);
    if (kept !== undefined && performance.now() - kept.askedAt < KEEP_MS) {
      const known = await kept.days.catch(() => null);
      if (known !== null) return known;
    }
    const days = this.read(tx);
    if (this.kept.size >= TENANTS_MAX) this.kept.clear();
    this.kept.set(tx.tenantId, { days, askedAt: performance.now() });
    return await days;
  }

  private async read(tx: TenantTx): Promise<Days> {
    const clock = await tx.queryOne<{ readonly today: number }>(
      'SELECT floor(extract(epoch FROM now()) / 86400)::int AS today',
    );
    const open = (clock?.today ?? 0) - 1;
    const rows = await tx.query<{ readonly day: number; readonly people: number }>(
      `SELECT (r.created_at AT TIME ZONE 'UTC')::date - date '1970-01-01' AS day, count(*)::int AS people
         FROM receivers.receivers r
        WHERE r.tenant_id = $1 AND r.created_at < $2 AND ${isPublished('r')} GROUP BY day`,
      [tx.tenantId, new Date(open * DAY_MS).toISOString()],
    );
    return { open, people: new Map(rows.map(({ day, people }) => [day, people])) };
  }
}

const dayOf = (midnight: string): number => Math.floor(Date.parse(midnight) / DAY_MS);
