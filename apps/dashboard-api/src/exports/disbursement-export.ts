import type { DisbursementQuery } from '../disbursements/disbursements.read-model';
import { momentOf } from '../lists/moments';
import {
  decimalOf,
  decimalOfSum,
  type ExportColumns,
  type ExportQuery,
  ExportValues,
  freeText,
  selectOf,
} from './export-sql';

const STATUSES = ['draft', 'ready', 'pending', 'paused', 'success', 'failed', 'canceled'];
const COUNT = `(${STATUSES.map((status) => `d.count_${status}`).join(' + ')})`;
const SUM = `(${STATUSES.map((status) => `d.amount_${status}::numeric`).join(' + ')})`;

const COLUMNS: ExportColumns = {
  ID: 'd.id',
  Name: freeText('d.name'),
  'Wallet.Name': freeText('w.name'),
  'Asset.Code': 'a.code',
  'Asset.Issuer': "nullif(a.issuer, '')",
  Status: 'd.status',
  VerificationField: 'd.verification_field',
  CreatedAt: momentOf('d.created_at'),
  UpdatedAt: momentOf('d.updated_at'),
  RegistrationContactType: 'd.registration_contact_type',
  TotalPayments: COUNT,
  SuccessfulPayments: 'd.count_success',
  FailedPayments: 'd.count_failed',
  CanceledPayments: 'd.count_canceled',
  RemainingPayments: 'd.open',
  AmountDisbursed: decimalOf('d.amount_success'),
  TotalAmount: decimalOfSum(SUM),
  // Half a stroop is rounded up, as on the screens.
  AverageAmount: decimalOfSum(`coalesce(div(${SUM} * 2 + ${COUNT}, nullif(${COUNT} * 2, 0)), 0)`),
};

/** The disbursements of a list, all pages of it. */
export function disbursementExport(tenantId: string, query: DisbursementQuery): ExportQuery {
  const values = new ExportValues();
  const conditions = [`d.tenant_id = ${values.at(tenantId, 'uuid')}`];
  const { statuses, created, text } = query;
  if (statuses !== null)
    conditions.push(`d.status = ANY (string_to_array(${values.at(statuses.join(','))}, ','))`);
  if (created.from !== null) conditions.push(`d.created_at >= ${values.at(created.from, 'timestamptz')}`);
  if (created.until !== null) conditions.push(`d.created_at < ${values.at(created.until, 'timestamptz')}`);
  if (text !== null) conditions.push(`strpos(lower(d.name), ${values.at(text.toLowerCase())}) > 0`);
  const direction = query.direction === 'asc' ? 'ASC' : 'DESC';
  return {
    header: Object.keys(COLUMNS),
    rows: `SELECT ${selectOf(COLUMNS)}
       FROM disbursements.disbursements d
       JOIN catalogue.assets a ON a.tenant_id = d.tenant_id AND a.id = d.asset_id
       JOIN catalogue.wallets w ON w.tenant_id = d.tenant_id AND w.id = d.wallet_id
      WHERE ${conditions.join(' AND ')}
      ORDER BY d.${query.sort} ${direction}, d.id ${direction}`,
    values,
  };
}
