import { PAYMENT_STATUSES, type PaymentStatus } from '@libs/contracts';
import type { CreatedBetween } from '@libs/http';
import type { SqlValue, TenantTx } from '@libs/persistence';

import { countOf, ListTotals } from '../lists/list-totals';
import type { PaymentQuery } from './payment-query';

/** The query of a list as SQL, from FROM on. */
interface ListSql {
  readonly where: string;
  readonly values: readonly SqlValue[];
}

/**
 * How many payments a list has on all its pages. Payments of disbursements are counted already, by their counters: those of some
 * status are their sum, and of most of the time the sum without the others.
 */
export class PaymentTotals {
  private readonly totals = new ListTotals();

  async of(tx: TenantTx, query: PaymentQuery, { where, values }: ListSql): Promise<number> {
    const { status, type, receiverId, created, text } = query;
    if (receiverId !== null || text !== null || type === 'DIRECT')
      return await this.totals.count(tx, `1 ${where}`, values);
    if (created.from === null && created.until === null)
      return await this.totals.sum(tx, `payments ${String(status)} ${String(type)}`, async () => {
        const counted = await tx.queryOne<{ readonly total: number }>(`SELECT ${sumOf(status)} AS total`, [
          tx.tenantId,
        ]);
        const direct =
          type === 'DISBURSEMENT'
            ? 0
            : await this.totals.count(tx, `1 ${where} AND p.type = 'DIRECT'`, values);
        return (counted?.total ?? 0) + direct;
      });
    // No index tells types and days together, so only the payments of both types can be left out quickly.
    if (type !== null) return await this.totals.count(tx, `1 ${where}`, values);
    return await this.totals.count(tx, `1 ${where}`, values, async () =>
      (await isMostOfTheTime(tx, status, created))
        ? await withoutTheOthers(tx, status, created)
        : await countOf(tx, `1 ${where}`, values),
    );
  }
}

/** SQL of how many payments of disbursements have the status, or any. */
function sumOf(status: PaymentStatus | null): string {
  const statuses = status === null ? PAYMENT_STATUSES : [status];
  return `(SELECT coalesce(sum(${statuses.map((one) => `count_${one.toLowerCase()}`).join(' + ')}), 0)::int
             FROM disbursements.disbursements WHERE tenant_id = $1)`;
}

/** Guesses that as many were made at any time from the first one to the last. Either way of counting is exact; this says which is quicker. */
async function isMostOfTheTime(
  tx: TenantTx,
  status: PaymentStatus | null,
  { from, until }: CreatedBetween,
): Promise<boolean> {
  const ends = ['ASC', 'DESC'].map(
    (direction) =>
      `(SELECT p.created_at FROM disbursements.payments p WHERE p.tenant_id = $1 ${status === null ? '' : 'AND p.status = $2'}
         ORDER BY p.created_at ${direction}, p.id ${direction} LIMIT 1)`,
  );
  const all = await tx.queryOne<{ readonly first: Date | null; readonly last: Date | null }>(
    `SELECT ${String(ends[0])} AS first, ${String(ends[1])} AS last`,
    status === null ? [tx.tenantId] : [tx.tenantId, status],
  );
  const [first, last] = [all?.first?.getTime() ?? 0, all?.last?.getTime() ?? 0];
  const begin = Math.max(first, from === null ? first : Date.parse(from));
  const end = Math.min(last, until === null ? last : Date.parse(until));
  return end - begin > (last - first) / 2;
}

/** All of the status but those that were made at another time, in the same moment of the database. */
async function withoutTheOthers(
  tx: TenantTx,
  status: PaymentStatus | null,
  { from, until }: CreatedBetween,
): Promise<number> {
  const values: SqlValue[] = [tx.tenantId];
  const at = (value: SqlValue): string => `$${String(values.push(value))}`;
  const ofStatus = status === null ? '' : ` AND p.status = ${at(status)}`;
  const countOfThose = (condition: string): string =>
    `(SELECT count(*)::int FROM disbursements.payments p WHERE p.tenant_id = $1${ofStatus} AND ${condition})`;
  const others = [
    ...(from === null ? [] : [countOfThose(`p.created_at < ${at(from)}`)]),
    ...(until === null ? [] : [countOfThose(`p.created_at >= ${at(until)}`)]),
  ];
  const counted = await tx.queryOne<{ readonly total: number }>(
    `SELECT ${sumOf(status)} + ${[countOfThose(`p.type = 'DIRECT'`), ...others].join(' - ')} AS total`,
    values,
  );
  return counted?.total ?? 0;
}
