import { LOWEST_ID } from '@libs/kernel';
import type { SqlValue, TenantTx } from '@libs/persistence';

import { isInUse } from './address-owners.repository';
import { ArrivingAddresses } from './arriving-addresses.repository';
import { ArrivingValues } from './arriving-values.repository';

/** In the order in which their rows can go. */
const TABLES = ['receiver_wallets', 'verifications', 'address_owners', 'receivers'] as const;
type Table = (typeof TABLES)[number];

/** Bounded, so that no lock lasts: some 50 ms of work. */
const ROWS_AT_ONCE = 1_000;
/** Rows of others are passed without a lock, so that more of them are done at once. */
const PAGES_MAX = 10;

/** By what a table is gone along: its primary key behind the tenant. No address begins with a digit, so each is behind the lowest id. */
const KEYS: Readonly<Record<Table, string>> = {
  receiver_wallets: 'id',
  verifications: 'receiver_id',
  address_owners: 'stellar_address',
  receivers: 'id',
};

/** Rows that nobody needs. */
const REMOVABLE: Readonly<Record<Table, string>> = {
  receiver_wallets: `t.status = 'DRAFT' AND t.updated_at = t.created_at AND NOT EXISTS (
         SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_wallet_id = t.id)`,
  // Who is paid needs it only where the upload brought them as well: of anybody else it would be proof by a file that never counted.
  verifications: `t.confirmed_at IS NULL AND t.updated_at = t.created_at AND (
         EXISTS (SELECT FROM receivers.receivers r
                  WHERE r.tenant_id = $1 AND r.id = t.receiver_id AND r.brought_by IS DISTINCT FROM $2)
         OR NOT EXISTS (SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.receiver_id))`,
  address_owners: `NOT ${isInUse('t')}`,
  receivers: `t.updated_at = t.created_at
       AND NOT EXISTS (SELECT FROM receivers.receiver_wallets o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.verifications o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM receivers.address_owners o WHERE o.tenant_id = $1 AND o.receiver_id = t.id)
       AND NOT EXISTS (SELECT FROM disbursements.payments p WHERE p.tenant_id = $1 AND p.receiver_id = t.id)`,
};

/** What is done to all tables, one after the other: no row of others relies on the upload any more before its own rows go. */
const STEPS = ['forget', 'release'] as const;
type Step = (typeof STEPS)[number];

/** The rows that a step is about, by the upload $2, and how they are locked for it. */
const CONCERNED: Readonly<Record<Step, string>> = {
  forget: 't.shared_with IS NOT NULL AND $2::uuid = ANY(t.shared_with)',
  release: 't.brought_by = $2',
};
const LOCKED: Readonly<Record<Step, string>> = { forget: 'FOR NO KEY UPDATE', release: 'FOR UPDATE' };

/** Behind this key of this table. */
interface TablePlace {
  readonly step: Step;
  readonly table: Table;
  readonly after: string;
}

/** Where a sweep goes on. Plain, so that it can be kept. */
export type ArrivalsPlace =
  | TablePlace
  | { readonly step: 'values'; readonly after: string }
  | { readonly step: 'addresses'; readonly after: string };

interface Page {
  readonly rows: number;
  readonly last: string;
  /** Where those rows are that the step is about. */
  readonly places: readonly string[];
}

/** Some rows of a page, of which those are meant that are at these places. */
interface ChosenRows extends TablePlace {
  readonly last: string;
  readonly places: readonly string[];
}

/**
 * Takes away what an upload brought that was not published: people whom nobody else knows, who have no payment, and whom
 * nobody has touched since. What others rely on becomes theirs.
 *
 * It goes along the primary key of each table, once for each step, from a place that is kept: no index leads to the rows of an
 * upload, as everybody who is ever brought would pay for it. A row that comes behind the place needs no look: nothing arrives for
 * an upload that was given up, it begins to rely on nothing, and no key changes.
 */
export class LostArrivals {
  static readonly start: ArrivalsPlace = { step: 'values', after: LOWEST_ID };

  private readonly values = new ArrivingValues();
  private readonly addresses = new ArrivingAddresses();

  /**
   * Some of it; to be called again from the place that it returns, in a database transaction of its own. Null: nothing is left.
   * The same place: somebody else holds one of the rows there. Nobody is waited for but a file that claims the same addresses just then.
   */
  async sweep(tx: TenantTx, uploadId: string, place: ArrivalsPlace): Promise<ArrivalsPlace | null> {
    if (place.step === 'values') {
      const after = await this.values.removeSome(tx, uploadId, place.after);
      return after === null ? { step: 'addresses', after: LOWEST_ID } : { step: 'values', after };
    }
    if (place.step === 'addresses') {
      const after = await this.addresses.removeSome(tx, uploadId, place.after);
      return after === null ? FIRST : { step: 'addresses', after };
    }
    if (place.step === 'forget' && !(await this.isAnyShared(tx, place.table))) return behind(place);
    let reached = place;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.page(tx, uploadId, reached);
      if (page === null) return behind(place);
      const done = await this.settle(tx, uploadId, { ...reached, ...page });
      if (done < page.places.length) return reached;
      if (page.rows < ROWS_AT_ONCE) return behind(place);
      reached = { ...place, after: page.last };
      if (done > 0) break;
    }
    return reached;
  }

  private async isAnyShared(tx: TenantTx, table: Table): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT 1 FROM receivers.${table} WHERE tenant_id = $1 AND shared_with IS NOT NULL LIMIT 1`,
      [tx.tenantId],
    );
    return row !== null;
  }

  /** The next rows of the table. Nothing is locked. Null: there is none. */
  private async page(
    tx: TenantTx,
    uploadId: string,
    { step, table, after }: TablePlace,
  ): Promise<Page | null> {
    const key = KEYS[table];
    const page = await tx.queryOne<Record<keyof Page, unknown> & Page>(
      `SELECT count(*)::int AS rows, (array_agg(key ORDER BY key DESC))[1]::text AS last,
              coalesce(array_agg(place) FILTER (WHERE concerned), '{}')::text[] AS places
         FROM (SELECT t.${key} AS key, t.ctid AS place, (${CONCERNED[step]}) AS concerned FROM receivers.${table} t
                WHERE t.tenant_id = $1 AND t.${key} > $3
                ORDER BY t.${key} FETCH FIRST ${String(ROWS_AT_ONCE)} ROWS WITH TIES) page`,
      [tx.tenantId, uploadId, after],
    );
    return page === null || page.rows === 0 ? null : page;
  }

  /** How many of the rows are settled: not those that somebody holds, or has changed since they were looked for. */
  private async settle(tx: TenantTx, uploadId: string, rows: ChosenRows): Promise<number> {
    if (rows.places.length === 0) return 0;
    const { step, table } = rows;
    const locked = await tx.query<{ place: string }>(
      `SELECT t.ctid::text AS place FROM receivers.${table} t
        WHERE ${chosen(table)} AND ${CONCERNED[step]} ${LOCKED[step]} SKIP LOCKED`,
      valuesOf(tx, uploadId, rows),
    );
    const own = { ...rows, places: locked.map(({ place }) => place) };
    await (step === 'forget' ? this.forget(tx, uploadId, own) : this.release(tx, uploadId, own));
    return own.places.length;
  }

  /** Rows of others on which it relied. */
  private async forget(tx: TenantTx, uploadId: string, rows: ChosenRows): Promise<void> {
    await tx.execute(
      `UPDATE receivers.${rows.table} t SET shared_with = nullif(array_remove(t.shared_with, $2), '{}')
        WHERE ${chosen(rows.table)}`,
      valuesOf(tx, uploadId, rows),
    );
  }

  /**
   * Looked at in new statements: somebody may have paid them until they were locked. Those on which other uploads rely are those of
   * the first of them; what is left is somebody's by now, so it is shown like what no file brought.
   */
  private async release(tx: TenantTx, uploadId: string, rows: ChosenRows): Promise<void> {
    const { table } = rows;
    await tx.execute(
      `DELETE FROM receivers.${table} t
        WHERE ${chosen(table)} AND t.brought_by = $2 AND t.shared_with IS NULL AND ${REMOVABLE[table]}`,
      valuesOf(tx, uploadId, rows),
    );
    await tx.execute(
      `UPDATE receivers.${table} t SET brought_by = t.shared_with[1], shared_with = nullif(t.shared_with[2:], '{}')
        WHERE ${chosen(table)} AND t.brought_by = $2`,
      valuesOf(tx, uploadId, rows),
    );
  }
}

/** SQL: rows of a page by their places. The keys say where the page is, as PostgreSQL would rather read a small table as a whole. */
const chosen = (table: Table): string =>
  `t.tenant_id = $1 AND t.${KEYS[table]} > $3 AND t.${KEYS[table]} <= $4 AND t.ctid = ANY($5::tid[])`;
const valuesOf = (tx: TenantTx, uploadId: string, { after, last, places }: ChosenRows): SqlValue[] => [
  ...[tx.tenantId, uploadId],
  ...[after, last, places],
];

const startOf = (step: Step, table: Table): TablePlace => ({ step, table, after: LOWEST_ID });
const FIRST = startOf(STEPS[0], TABLES[0]);

/** The next table, or the first one in the next step; null behind the last. */
function behind({ step, table }: TablePlace): TablePlace | null {
  const nextTable = TABLES[TABLES.indexOf(table) + 1];
  if (nextTable !== undefined) return startOf(step, nextTable);
  const nextStep = STEPS[STEPS.indexOf(step) + 1];
  return nextStep === undefined ? null : startOf(nextStep, TABLES[0]);
}
