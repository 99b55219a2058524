import type { CreatedBetween, PageQuery, SortDirection } from '@libs/http';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { ASSET_OF_ROW } from '../catalogue/asset-of-row';
import { ListFilters } from '../lists/list-filters';
import { pageOf } from '../lists/list-page';
import { ListTotals } from '../lists/list-totals';
import { pageIds } from '../lists/page-ids';
import type { DisbursementRow } from './disbursement-rows';
import { LedgerFees } from './ledger-fees.read-model';

export interface DisbursementQuery {
  readonly page: PageQuery;
  readonly sort: 'name' | 'created_at';
  readonly direction: SortDirection;
  readonly text: string | null;
  readonly statuses: readonly string[] | null;
  readonly created: CreatedBetween;
}

const STATUSES = ['draft', 'ready', 'pending', 'paused', 'success', 'failed', 'canceled'];
const COUNTS = STATUSES.map((status) => `d.count_${status}`).join(' + ');
const AMOUNTS = STATUSES.map((status) => `d.amount_${status}`).join(' + ');
const person = (alias: string): string =>
  `${alias}.id AS ${alias}_id, ${alias}.first_name AS ${alias}_first_name, ${alias}.last_name AS ${alias}_last_name`;

// Columns for themselves: PostgreSQL takes longer to put a page of them together into objects than to find the page.
const COLUMNS = `d.id, d.name, d.status, d.status_history, d.registration_contact_type, d.verification_field,
  d.receiver_registration_message_template, d.file_name, d.created_at, d.updated_at,
  ${ASSET_OF_ROW},
  w.id AS wallet_id, w.name AS wallet_name, w.homepage AS wallet_homepage, w.sep_10_client_domain AS wallet_client_domain,
  w.deep_link_schema AS wallet_deep_link, w.enabled AS wallet_enabled, w.user_managed AS wallet_user_managed,
  w.embedded AS wallet_embedded, ${person('creator')}, ${person('starter')},
  ${COUNTS} AS total, d.count_success AS success, d.count_failed AS failed, d.count_canceled AS canceled,
  (${AMOUNTS})::text AS total_amount, d.amount_success::text AS success_amount`;

const JOINS = `
  JOIN catalogue.assets a ON a.tenant_id = d.tenant_id AND a.id = d.asset_id
  JOIN catalogue.wallets w ON w.tenant_id = d.tenant_id AND w.id = d.wallet_id
  LEFT JOIN identity.users creator ON creator.tenant_id = d.tenant_id AND creator.id = d.created_by
  LEFT JOIN identity.users starter ON starter.tenant_id = d.tenant_id AND starter.id = d.started_by`;

/** Reads disbursements for screens. Totals come from the counters, so a million payments cost as much as ten. */
@Injectable()
export class DisbursementsReadModel {
  private readonly totals: ListTotals;
  private readonly fees: LedgerFees;

  constructor(unitOfWork: UnitOfWork) {
    this.totals = new ListTotals(unitOfWork);
    this.fees = new LedgerFees(unitOfWork);
  }

  async list(
    tx: TenantTx,
    query: DisbursementQuery,
  ): Promise<{ readonly items: readonly DisbursementRow[]; readonly total: number }> {
    const { statuses, created, text } = query;
    const filters = new ListFilters(tx.tenantId, ['d.tenant_id = $1']);
    filters.add(statuses, (place) => `d.status = ANY(${place}::text[])`);
    filters.add(created.from, (place) => `d.created_at >= ${place}`);
    filters.add(created.until, (place) => `d.created_at < ${place}`);
    filters.add(text?.toLowerCase() ?? null, (place) => `strpos(lower(d.name), ${place}) > 0`);
    const where = `FROM disbursements.disbursements d ${filters.where}`;
    const { values } = filters;
    const total = await this.totals.count(tx, `1 ${where}`, values);
    const ids = await pageIds(tx, {
      ...{ table: 'disbursements.disbursements', alias: 'd', sort: query.sort },
      ...{ conditions: filters.conditions, values, page: pageOf('d', query), ofEach: null },
      ...{ total: null, madeBefore: null },
    });
    if (ids.length === 0) return { items: [], total };
    const items = await tx.queryPlanned<DisbursementRow>(
      `SELECT ${COLUMNS} FROM disbursements.disbursements d ${JOINS}
        WHERE d.tenant_id = $1 AND d.id = ANY($2::uuid[]) ORDER BY array_position($2::uuid[], d.id)`,
      [tx.tenantId, ids],
    );
    return { items, total };
  }

  async find(tx: TenantTx, id: string): Promise<DisbursementRow | null> {
    const row = await tx.queryOne<DisbursementRow>(
      `SELECT ${COLUMNS} FROM disbursements.disbursements d ${JOINS} WHERE d.tenant_id = $1 AND d.id = $2`,
      [tx.tenantId, id],
    );
    return row === null ? null : { ...row, ledger_fees: await this.fees.of(tx, row.id) };
  }
}
