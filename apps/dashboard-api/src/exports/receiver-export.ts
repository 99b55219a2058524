import { isPublished } from '@libs/receivers';

import { momentOf } from '../lists/moments';
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
  isInBatch,
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
  RegisteredWallets: 'coalesce(registered.total, 0)',
  ReceivedAmounts: 'paid.received',
};

const ASSET = `a.code || CASE WHEN a.issuer = '' THEN '' ELSE ':' || a.issuer END`;
const IDS = 'ANY (ARRAY(SELECT id FROM page))';

/** What the people of `page` were paid: looked up for all of them at once. */
const paid = (tenant: string): string => `
  SELECT one.receiver_id, sum(one.total) AS total, sum(one.success) AS success, sum(one.failed) AS failed, sum(one.canceled) AS canceled,
         string_agg(${decimalOfSum('one.received')} || ' ' || ${ASSET}, '; ' ORDER BY a.code, a.issuer)
           FILTER (WHERE one.received > 0) AS received
    FROM (SELECT p.receiver_id, p.asset_id, count(*) AS total,
                 count(*) FILTER (WHERE p.status = 'SUCCESS') AS success,
                 count(*) FILTER (WHERE p.status = 'FAILED') AS failed,
                 count(*) FILTER (WHERE p.status = 'CANCELED') AS canceled,
                 coalesce(sum(p.amount) FILTER (WHERE p.status = 'SUCCESS'), 0) AS received
            FROM disbursements.payments p WHERE p.tenant_id = ${tenant} AND p.receiver_id = ${IDS}
           GROUP BY p.receiver_id, p.asset_id) one
    JOIN catalogue.assets a ON a.tenant_id = ${tenant} AND a.id = one.asset_id
   GROUP BY one.receiver_id`;

/** How many of their wallets are registered. */
const registered = (tenant: string): string => `
  SELECT w.receiver_id, count(*) AS total FROM receivers.receiver_wallets w
   WHERE w.tenant_id = ${tenant} AND w.status = 'REGISTERED' AND w.receiver_id = ${IDS} GROUP BY w.receiver_id`;

const PAGE = ['id', 'email', 'phone_number', 'external_id', 'created_at', 'updated_at']
  .map((column) => `r.${column}`)
  .join(', ');

/** The receivers of a list, all pages of it. */
export function receiverExport(tenantId: string, query: ReceiverQuery): ExportQuery {
  const values = new ExportValues();
  const tenant = values.at(tenantId, 'uuid');
  const { status, created, text, sort, direction } = query;
  const conditions = [`r.tenant_id = ${tenant}`];
  if (created.from !== null)
    conditions.push(RECEIVER_CONDITIONS.from(values.at(created.from, 'timestamptz')));
  if (created.until !== null)
    conditions.push(RECEIVER_CONDITIONS.until(values.at(created.until, 'timestamptz')));
  // The indexes of the list hold so much. What else is asked for is a matter of each batch.
  const indexed = where(conditions);
  const ofBatch = [...conditions, RECEIVER_IS_THERE, isInBatch('r', sort, direction)];
  if (text !== null) ofBatch.push(RECEIVER_CONDITIONS.text(values.at(text.toLowerCase())));
  const batch = `SELECT ${PAGE} FROM receivers.receivers r ${where(ofBatch)}`;
  const page =
    status === null
      ? `page AS MATERIALIZED (${batch})`
      : `batch AS MATERIALIZED (${batch}),
         page AS MATERIALIZED (SELECT * FROM batch r WHERE r.id IN (${ofStatus(tenant, values.at(status))}))`;
  const order = `r.${sort} ${direction}, r.id ${direction}`;
  const behind = `(r.${sort}, r.id) ${direction === 'asc' ? '>' : '<'} ($1::timestamptz, $2::uuid)`;
  return {
    header: Object.keys(COLUMNS),
    values,
    rows: {
      direction,
      place: `SELECT r.${sort}::text AS at, r.id FROM receivers.receivers r ${indexed} AND ${behind}
               ORDER BY ${order} OFFSET $3::int - 1 LIMIT 1`,
      select: `WITH ${page}, paid AS (${paid(tenant)}), registered AS (${registered(tenant)})
               SELECT ${selectOf(COLUMNS)}
                 FROM page r LEFT JOIN paid ON paid.receiver_id = r.id LEFT JOIN registered ON registered.receiver_id = r.id
                ORDER BY ${order}`,
    },
  };
}

const where = (conditions: readonly string[]): string => `WHERE ${conditions.join(' AND ')}`;

/** Those of `batch` who have a wallet of the status, as the list finds them. */
const ofStatus = (tenant: string, status: string): string =>
  `SELECT w.receiver_id FROM receivers.receiver_wallets w
    WHERE w.tenant_id = ${tenant} AND w.status = ${status} AND w.receiver_id = ANY (ARRAY(SELECT id FROM batch)) AND ${isPublished('w')}`;
