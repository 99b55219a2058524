import { PAYMENT_STATUSES, type PaymentStatus } from '@libs/contracts';
import type { SqlValue, TenantTx, UnitOfWork } from '@libs/persistence';

import { countOf, ListTotals } from '../lists/list-totals';
import type { PaymentQuery } from './payment-query';

/** The query of a list as SQL, from FROM on. */
interface ListSql {
  readonly where: string;
  readonly values: readonly SqlValue[];
}

/** So many payments of disbursements that are only partly of the time asked for are looked at one by one. */
const PARTLY_MAX = 20_000;

/** How many payments a list has on all its pages. Payments of disbursements are counted already, by the counters of their disbursement. */
export class PaymentTotals {
  private readonly totals: ListTotals;

  constructor(unitOfWork: UnitOfWork) {
    this.totals = new ListTotals(unitOfWork);
  }

  async of(tx: TenantTx, query: PaymentQuery, { where, values }: ListSql): Promise<number> {
    const { status, type, receiverId, created, text } = query;
    if (receiverId !== null || text !== null || type === 'DIRECT')
      return await this.totals.count(tx, `1 ${where}`, values);
    if (created.from !== null || created.until !== null)
      return await this.totals.count(
        tx,
        `1 ${where}`,
        values,
        async (own) =>
          (await byDisbursements(own, { status, type, created })) ??
          (await countOf(own, `1 ${where}`, values)),
      );
    return await this.totals.sum(tx, `payments ${String(status)} ${String(type)}`, async (own) => {
      const counted = await own.queryOne<{ readonly total: number }>(
        `SELECT coalesce(sum(${counterOf(status)}), 0)::int AS total FROM disbursements.disbursements d WHERE d.tenant_id = $1`,
        [own.tenantId],
      );
      const direct =
        type === 'DISBURSEMENT' ? 0 : await countOf(own, `1 ${where} AND p.type = 'DIRECT'`, values);
      return (counted?.total ?? 0) + direct;
    });
  }
}

/** SQL of how many payments of the disbursement `d` have the status, or any. */
function counterOf(status: PaymentStatus | null): string {
  const statuses = status === null ? PAYMENT_STATUSES : [status];
  return statuses.map((one) => `d.count_${one.toLowerCase()}`).join(' + ');
}

/**
 * The payments that were made in some time: by their counters of the disbursements that were ordered and had their file in it, one by
 * one of those that were not wholly in it (an hour more or less is for clocks that were set), and the direct ones. Null when too many
 * would be looked at one by one. In one statement, so that what moves meanwhile is neither counted twice nor missed.
 */
async function byDisbursements(
  tx: TenantTx,
  { status, type, created }: Pick<PaymentQuery, 'status' | 'type' | 'created'>,
): Promise<number | null> {
  const values: SqlValue[] = [tx.tenantId];
  const at = (value: SqlValue): string => `$${String(values.push(value))}`;
  const ofStatus = status === null ? '' : ` AND p.status = ${at(status)}`;
  const [from, until] = [at(created.from ?? '-infinity'), at(created.until ?? 'infinity')].map(
    (place) => `${place}::timestamptz`,
  );
  const ofTime = `p.created_at >= ${String(from)} AND p.created_at < ${String(until)}`;
  const countOfThose = (condition: string): string =>
    `(SELECT count(*)::int FROM disbursements.payments p WHERE p.tenant_id = $1${ofStatus} AND ${ofTime} AND ${condition})`;
  const direct = type === 'DISBURSEMENT' ? '0' : countOfThose(`p.type = 'DIRECT'`);
  const earliest = `d.created_at - interval '1 hour'`;
  const latest = `coalesce(u.created_at + interval '1 hour', 'infinity')`;
  const found = await tx.queryOne<{ readonly total: number | null }>(
    `WITH made AS (SELECT d.id, ${counterOf(status)} AS payments, ${earliest} >= ${String(from)} AND ${latest} <= ${String(until)} AS wholly
                     FROM disbursements.disbursements d
                     LEFT JOIN disbursements.uploads u ON u.tenant_id = d.tenant_id AND u.id = d.current_upload_id
                    WHERE d.tenant_id = $1 AND ${earliest} < ${String(until)} AND ${latest} >= ${String(from)}),
          sums AS (SELECT coalesce(sum(payments) FILTER (WHERE wholly), 0)::int AS wholly,
                          coalesce(sum(payments) FILTER (WHERE NOT wholly), 0)::int AS partly,
                          array_agg(id) FILTER (WHERE NOT wholly AND payments > 0) AS ids FROM made)
     SELECT CASE WHEN partly <= ${String(PARTLY_MAX)}
                 THEN wholly + ${direct} + ${countOfThose('p.disbursement_id = ANY (ids)')} END AS total FROM sums`,
    values,
  );
  return found?.total ?? null;
}
