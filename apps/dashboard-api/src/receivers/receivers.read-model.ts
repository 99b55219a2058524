import type { CreatedBetween, PageQuery, SortDirection } from '@libs/http';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { isPublished } from '@libs/receivers';
import { Injectable } from '@nestjs/common';

import { ListFilters } from '../lists/list-filters';
import { pageOf } from '../lists/list-page';
import { ListTotals } from '../lists/list-totals';
import { pageIds } from '../lists/page-ids';
import { idBeginsWith, isSearchable, listWithText } from '../lists/text-search';
import { ReceiverDays } from './receiver-days';
import type { PaymentSumRow, ReceiverRow, ReceiverWalletRow, VerificationRow } from './receiver-rows';

export interface ReceiverQuery {
  readonly page: PageQuery;
  readonly sort: 'created_at' | 'updated_at';
  readonly direction: SortDirection;
  /** An id or its beginning, or a part of a phone number or an e-mail address. */
  readonly text: string | null;
  readonly status: string | null;
  readonly created: CreatedBetween;
}

/** A receiver with everything that is shown of them. */
export interface ReceiverView {
  readonly receiver: ReceiverRow;
  readonly wallets: readonly ReceiverWalletRow[];
  readonly sums: readonly PaymentSumRow[];
}

/** Of a status that no more people have, all are read and sorted; others come often enough along the order. */
const RARE_MAX = 1_000;

const COLUMNS = 'r.id, r.email, r.phone_number, r.external_id, r.created_at, r.updated_at';

/** That the receiver `r` is shown: people of a file that is not published are not. */
export const RECEIVER_IS_THERE = isPublished('r');

/** Each filter of the list, as SQL over the receiver `r`, for where its value stands. `$1` is the tenant. */
export const RECEIVER_CONDITIONS: Readonly<
  Record<'status' | 'from' | 'until' | 'text', (n: string) => string>
> = {
  status: (n) =>
    `EXISTS (SELECT FROM receivers.receiver_wallets w
              WHERE w.tenant_id = $1 AND w.receiver_id = r.id AND w.status = ${n} AND ${isPublished('w')})`,
  from: (n) => `r.created_at >= ${n}`,
  until: (n) => `r.created_at < ${n}`,
  text: (n) =>
    `(${idBeginsWith('r.id', n)} OR strpos(r.phone_number, ${n}) > 0 OR strpos(r.email, ${n}) > 0)`,
};

/** The same people as by the filter of a status alone, counted from one index instead of by a join of everybody. */
const OF_STATUS = `1 FROM (SELECT DISTINCT w.receiver_id FROM receivers.receiver_wallets w
                        WHERE w.tenant_id = $1 AND w.status = $2 AND ${isPublished('w')}) w`;

const isOfAnybody = ({ status, text }: ReceiverQuery): boolean => status === null && text === null;

const isOfSomeDays = ({ created }: ReceiverQuery): boolean => created.from !== null || created.until !== null;

/**
 * Reads receivers for screens. Contacts are stored in lower case, so a text is compared in lower case. Only the filters that were
 * asked for are in the query, so each can use its index.
 */
@Injectable()
export class ReceiversReadModel {
  private readonly totals: ListTotals;
  private readonly ofDays = new ReceiverDays();

  constructor(unitOfWork: UnitOfWork) {
    this.totals = new ListTotals(unitOfWork);
  }

  async list(
    tx: TenantTx,
    query: ReceiverQuery,
  ): Promise<{ readonly items: readonly ReceiverView[]; readonly total: number }> {
    const filters = new ListFilters(tx.tenantId, ['r.tenant_id = $1', RECEIVER_IS_THERE]);
    const unfiltered = filters.conditions.length;
    filters.add(query.status, RECEIVER_CONDITIONS.status);
    filters.add(query.created.from, RECEIVER_CONDITIONS.from);
    const until = filters.add(query.created.until, RECEIVER_CONDITIONS.until);
    const page = pageOf('r', query);
    const text = query.text?.toLowerCase() ?? null;
    if (isSearchable(text)) {
      const found = await listWithText<ReceiverRow>(tx, {
        search: 'receivers.receivers_with_text',
        text,
        matching: `SELECT r.id, r.${query.sort} FROM hits r ${filters.where}`,
        rows: `SELECT ${COLUMNS} FROM page JOIN receivers.receivers r ON r.tenant_id = $1 AND r.id = page.id`,
        values: filters.values,
        page,
      });
      if (found !== null) return { total: found.total, items: await this.withDetails(tx, found.items) };
    }
    filters.add(text, RECEIVER_CONDITIONS.text);
    const where = `FROM receivers.receivers r ${filters.where}`;
    const { conditions, values } = filters;
    const isByStatusAlone = query.status !== null && conditions.length === unfiltered + 1;
    const total =
      isOfAnybody(query) && isOfSomeDays(query)
        ? await this.totals.sum(tx, `receivers of ${JSON.stringify(query.created)}`, (own) =>
            this.ofDays.count(own, query.created),
          )
        : await this.totals.count(
            tx,
            isByStatusAlone ? OF_STATUS : `1 ${where}`,
            values,
            isOfAnybody(query) ? (own) => this.ofDays.count(own, query.created) : undefined,
          );
    const { sort, direction } = query;
    const isByChangeOfSomeDays = sort === 'updated_at' && isOfSomeDays(query);
    // No index has the people of a status in an order: along it, the few of a rare one lie behind everybody else.
    const isSorted = query.status === null ? isByChangeOfSomeDays : total <= RARE_MAX;
    const ids = await pageIds(tx, {
      ...{ table: 'receivers.receivers', alias: 'r', sort, conditions, values, page, ofEach: null },
      total: isSorted ? total : null,
      madeBefore: sort === 'updated_at' && direction === 'desc' ? until : null,
    });
    const rows = await tx.queryPlanned<ReceiverRow>(
      `SELECT ${COLUMNS} FROM receivers.receivers r
        WHERE r.tenant_id = $1 AND r.id = ANY($2::uuid[]) ORDER BY array_position($2::uuid[], r.id)`,
      [tx.tenantId, ids],
    );
    return { total, items: await this.withDetails(tx, rows) };
  }

  async find(tx: TenantTx, id: string): Promise<ReceiverView | null> {
    const rows = await tx.query<ReceiverRow>(
      `SELECT ${COLUMNS} FROM receivers.receivers r WHERE r.tenant_id = $1 AND r.id = $2 AND ${RECEIVER_IS_THERE}`,
      [tx.tenantId, id],
    );
    return (await this.withDetails(tx, rows))[0] ?? null;
  }

  /** Everything but the value itself. */
  async verifications(tx: TenantTx, receiverId: string): Promise<VerificationRow[]> {
    return await tx.query<VerificationRow>(
      `SELECT receiver_id, verification_field, attempts, created_at, updated_at, confirmed_at, failed_at,
              verification_channel, confirmed_by_type, confirmed_by_id
         FROM receivers.verifications v WHERE tenant_id = $1 AND receiver_id = $2 AND ${isPublished('v')} ORDER BY verification_field`,
      [tx.tenantId, receiverId],
    );
  }

  private async withDetails(tx: TenantTx, rows: readonly ReceiverRow[]): Promise<ReceiverView[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const wallets = await tx.queryPlanned<ReceiverWalletRow>(
      `SELECT w.id, w.receiver_id, w.status, w.stellar_address, w.stellar_memo, w.stellar_memo_type, w.deposit_id,
              w.invited_at, w.invitation_sent_at, w.last_message_sent_at, w.created_at, w.updated_at, w.wallet_id,
              p.name AS wallet_name, p.homepage AS wallet_homepage, p.sep_10_client_domain AS wallet_client_domain,
              p.deep_link_schema AS wallet_deep_link, p.enabled AS wallet_enabled, p.user_managed AS wallet_user_managed
         FROM receivers.receiver_wallets w
         JOIN catalogue.wallets p ON p.tenant_id = w.tenant_id AND p.id = w.wallet_id
        WHERE w.tenant_id = $1 AND w.receiver_id = ANY($2::uuid[]) AND ${isPublished('w')} ORDER BY w.created_at, w.id`,
      [tx.tenantId, ids],
    );
    const sums = await tx.queryPlanned<PaymentSumRow>(
      `SELECT p.receiver_id, p.receiver_wallet_id, a.code AS asset_code, a.issuer AS asset_issuer,
              count(*) AS total,
              count(*) FILTER (WHERE p.status = 'SUCCESS') AS successful,
              count(*) FILTER (WHERE p.status = 'FAILED') AS failed,
              count(*) FILTER (WHERE p.status = 'CANCELED') AS canceled,
              coalesce(sum(p.amount) FILTER (WHERE p.status = 'SUCCESS'), 0)::text AS received
         FROM disbursements.payments p
         JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
        WHERE p.tenant_id = $1 AND p.receiver_id = ANY($2::uuid[])
        GROUP BY p.receiver_id, p.receiver_wallet_id, a.code, a.issuer
        ORDER BY a.code, a.issuer`,
      [tx.tenantId, ids],
    );
    return rows.map((receiver) => ({
      receiver,
      wallets: wallets.filter((wallet) => wallet.receiver_id === receiver.id),
      sums: sums.filter((sum) => sum.receiver_id === receiver.id),
    }));
  }
}
