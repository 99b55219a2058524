import {
  RECEIVER_CONDITIONS,
  RECEIVER_IS_THERE,
  type ReceiverQuery,
} from '../receivers/receivers.read-model';
import {
  decimalOfSum,
  type ExportColumns,
  type ExportQuery,
  ExportValues,
  freeText,
  momentOf,
  selectOf,
} from './export-sql';

const COLUMNS: ExportColumns = {
  ID: 'r.id',
  Email: freeText('r.email'),
  // A plus sign and digits, by a constraint of the table: no formula.
  PhoneNumber: 'r.phone_number',
  ExternalID: freeText('r.external_id'),
  CreatedAt: momentOf('r.created_at'),
  UpdatedAt: momentOf('r.updated_at'),
  TotalPayments: 'coalesce(paid.total, 0)',
  SuccessfulPayments: 'coalesce(paid.success, 0)',
  FailedPayments: 'coalesce(paid.failed, 0)',
  CanceledPayments: 'coalesce(paid.canceled, 0)',
  RemainingPayments: 'coalesce(paid.total - paid.success - paid.failed - paid.canceled, 0)',
  RegisteredWallets: `(SELECT count(*) FROM receivers.receiver_wallets w
         WHERE w.tenant_id = r.tenant_id AND w.receiver_id = r.id AND w.status = 'REGISTERED')`,
  ReceivedAmounts: 'paid.received',
};

const ASSET = `a.code || CASE WHEN a.issuer = '' THEN '' ELSE ':' || a.issuer END`;
const PAID = `
  SELECT sum(one.total) AS total, sum(one.success) AS success, sum(one.failed) AS failed, sum(one.canceled) AS canceled,
         string_agg(${decimalOfSum('one.received')} || ' ' || ${ASSET}, '; ' ORDER BY a.code, a.issuer)
           FILTER (WHERE one.received > 0) AS received
    FROM (SELECT p.tenant_id, p.asset_id, count(*) AS total,
                 count(*) FILTER (WHERE p.status = 'SUCCESS') AS success,
                 count(*) FILTER (WHERE p.status = 'FAILED') AS failed,
                 count(*) FILTER (WHERE p.status = 'CANCELED') AS canceled,
                 coalesce(sum(p.amount) FILTER (WHERE p.status = 'SUCCESS'), 0) AS received
            FROM disbursements.payments p WHERE p.tenant_id = r.tenant_id AND p.receiver_id = r.id
           GROUP BY p.tenant_id, p.asset_id) one
    JOIN catalogue.assets a ON a.tenant_id = one.tenant_id AND a.id = one.asset_id`;

/** The receivers of a list, all pages of it. */
export function receiverExport(tenantId: string, query: ReceiverQuery): ExportQuery {
  const values = new ExportValues();
  const tenant = values.at(tenantId, 'uuid');
  const conditions = [`r.tenant_id = ${tenant}`, RECEIVER_IS_THERE];
  const filter = (
    name: keyof typeof RECEIVER_CONDITIONS,
    value: string | null,
    type?: 'timestamptz',
  ): void => {
    if (value !== null) {
      // Its condition names the tenant as the first parameter of the list.
      conditions.push(RECEIVER_CONDITIONS[name](values.at(value, type)).replace('$1', tenant));
    }
  };
  filter('status', query.status);
  filter('from', query.created.from, 'timestamptz');
  filter('until', query.created.until, 'timestamptz');
  filter('text', query.text?.toLowerCase() ?? null);
  const direction = query.direction === 'asc' ? 'ASC' : 'DESC';
  return {
    header: Object.keys(COLUMNS),
    rows: `SELECT ${selectOf(COLUMNS)}
       FROM receivers.receivers r CROSS JOIN LATERAL (${PAID}) paid
      WHERE ${conditions.join(' AND ')}
      ORDER BY r.${query.sort} ${direction}, r.id ${direction}`,
    values,
  };
}
