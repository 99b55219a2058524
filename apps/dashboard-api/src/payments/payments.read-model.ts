import { PAYMENT_STATUSES } from '@libs/contracts';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { ASSET_OF_ROW } from '../catalogue/asset-of-row';
import { ListFilters } from '../lists/list-filters';
import { pageOf } from '../lists/list-page';
import { momentOf } from '../lists/moments';
import { type EachOf, isAnyOf } from '../lists/order-of-each';
import { pageIds } from '../lists/page-ids';
import { idBeginsWith, isSearchable, listWithText } from '../lists/text-search';
import type { PaymentQuery } from './payment-query';
import type { PaymentRow } from './payment-rows';
import { PaymentTotals } from './payment-totals';

// Columns for themselves: PostgreSQL takes longer to put a page of them together into objects than to find the page.
const COLUMNS = `p.id, p.type, p.amount, p.status, p.status_history, p.stellar_transaction_id, p.stellar_operation_id,
  p.sender_address, p.external_payment_id, p.disputed, p.cancel_requested_at IS NOT NULL AS cancel_requested,
  p.created_at, p.updated_at,
  d.id AS disbursement_id, d.name AS disbursement_name, d.status AS disbursement_status,
  ${momentOf('d.created_at')} AS disbursement_created_at, ${momentOf('d.updated_at')} AS disbursement_updated_at,
  u.id AS creator_id, u.first_name AS creator_first_name, u.last_name AS creator_last_name,
  ${ASSET_OF_ROW},
  w.id AS receiver_wallet_id, w.receiver_id, v.id AS provider_id, v.name AS provider_name, v.enabled AS provider_enabled,
  w.stellar_address, w.stellar_memo, w.stellar_memo_type, w.status AS wallet_status, w.status_history AS wallet_status_history,
  ${momentOf('w.created_at')} AS wallet_created_at, ${momentOf('w.updated_at')} AS wallet_updated_at,
  ${momentOf('w.invitation_sent_at')} AS invitation_sent_at`;

const JOINS = `
  JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
  JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
  JOIN catalogue.wallets v ON v.tenant_id = w.tenant_id AND v.id = w.wallet_id
  LEFT JOIN disbursements.disbursements d ON d.tenant_id = p.tenant_id AND d.id = p.disbursement_id
  LEFT JOIN identity.users u ON u.tenant_id = p.tenant_id AND u.id = p.created_by`;

/** Each filter of the list, as SQL over the payment `p`, for where its value stands. */
export const PAYMENT_CONDITIONS: Readonly<
  Record<'status' | 'type' | 'receiverId' | 'from' | 'until' | 'text', (n: string) => string>
> = {
  status: (n) => `p.status = ${n}`,
  type: (n) => `p.type = ${n}`,
  receiverId: (n) => `p.receiver_id = ${n}`,
  from: (n) => `p.created_at >= ${n}`,
  until: (n) => `p.created_at < ${n}`,
  text: (n) => `(${idBeginsWith('p.id', n)} OR strpos(lower(p.external_payment_id), ${n}) > 0
    OR EXISTS (SELECT FROM receivers.receiver_wallets w
                WHERE w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id AND strpos(lower(w.stellar_address), ${n}) > 0)
    OR EXISTS (SELECT FROM disbursements.disbursements d
                WHERE d.tenant_id = p.tenant_id AND d.id = p.disbursement_id AND strpos(lower(d.name), ${n}) > 0))`,
};

/**
 * Payments have an order by their time in each status. One of all of them would be two more entries of indexes for each move of each
 * payment, for lists alone. Null where what is asked for has an index of its own, or is of one status.
 */
export const statusesToMerge = ({ status, type, receiverId }: PaymentQuery): EachOf | null =>
  status === null && receiverId === null && type !== 'DIRECT'
    ? { column: 'p.status', values: PAYMENT_STATUSES }
    : null;

/** The payments of a page, in the order of their ids. */
export async function paymentsInOrder(tx: TenantTx, ids: readonly string[]): Promise<PaymentRow[]> {
  if (ids.length === 0) return [];
  return await tx.queryPlanned<PaymentRow>(
    `SELECT ${COLUMNS} FROM disbursements.payments p ${JOINS}
      WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) ORDER BY array_position($2::uuid[], p.id)`,
    [tx.tenantId, ids],
  );
}

/** Reads payments for screens. Only the filters that were asked for are in the query, so each can use its index. */
@Injectable()
export class PaymentsReadModel {
  private readonly totals: PaymentTotals;

  constructor(unitOfWork: UnitOfWork) {
    this.totals = new PaymentTotals(unitOfWork);
  }

  async list(
    tx: TenantTx,
    query: PaymentQuery,
  ): Promise<{ readonly items: readonly PaymentRow[]; readonly total: number }> {
    const filters = new ListFilters(tx.tenantId, ['p.tenant_id = $1']);
    filters.add(query.status, PAYMENT_CONDITIONS.status);
    filters.add(query.type, PAYMENT_CONDITIONS.type);
    filters.add(query.receiverId, PAYMENT_CONDITIONS.receiverId);
    filters.add(query.created.from, PAYMENT_CONDITIONS.from);
    const until = filters.add(query.created.until, PAYMENT_CONDITIONS.until);
    const page = pageOf('p', query);
    const text = query.text?.toLowerCase() ?? null;
    if (isSearchable(text)) {
      const found = await listWithText<PaymentRow>(tx, {
        search: 'disbursements.payments_with_text',
        text,
        matching: `SELECT p.id, p.${query.sort} FROM hits p ${filters.where}`,
        rows: `SELECT ${COLUMNS} FROM page JOIN disbursements.payments p ON p.tenant_id = $1 AND p.id = page.id ${JOINS}`,
        values: filters.values,
        page,
      });
      if (found !== null) return found;
    }
    filters.add(text, PAYMENT_CONDITIONS.text);
    const ofEach = statusesToMerge(query);
    const where = `FROM disbursements.payments p ${[filters.where, ...isAnyOf(ofEach)].join(' AND ')}`;
    const total = await this.totals.of(tx, query, { where, values: filters.values });
    // Nothing changes before it is made; the day between is for clocks that were set back.
    filters.add(query.created.from, (from) => `p.updated_at >= ${from}::timestamptz - interval '1 day'`);
    const { sort, direction, created } = query;
    const isAlongIndex = sort === 'created_at' || (created.from === null && created.until === null);
    const { conditions, values } = filters;
    const ids = await pageIds(tx, {
      ...{ table: 'disbursements.payments', alias: 'p', sort, conditions, values, page, ofEach },
      total: isAlongIndex ? null : total,
      madeBefore: sort === 'updated_at' && direction === 'desc' ? until : null,
    });
    return { items: await paymentsInOrder(tx, ids), total };
  }

  async find(tx: TenantTx, id: string): Promise<PaymentRow | null> {
    return await tx.queryOne<PaymentRow>(
      `SELECT ${COLUMNS} FROM disbursements.payments p ${JOINS} WHERE p.tenant_id = $1 AND p.id = $2`,
      [tx.tenantId, id],
    );
  }
}
