import { momentOf } from '../lists/moments';
import { isAnyOf, rowsOfEach } from '../lists/order-of-each';
import type { PaymentQuery } from '../payments/payment-query';
import { PAYMENT_CONDITIONS, statusesToMerge } from '../payments/payments.read-model';
import {
  decimalOf,
  type ExportColumns,
  type ExportQuery,
  ExportValues,
  freeText,
  isInBatch,
  selectOf,
} from './export-sql';

const COLUMNS: ExportColumns = {
  ID: 'p.id',
  Amount: decimalOf('p.amount'),
  StellarTransactionID: 'p.stellar_transaction_id',
  Status: 'p.status',
  Type: 'p.type',
  'Disbursement.ID': 'p.disbursement_id',
  'Asset.Code': 'a.code',
  'Asset.Issuer': "nullif(a.issuer, '')",
  'Wallet.Name': freeText('v.name'),
  'Receiver.ID': 'p.receiver_id',
  // A plus sign and digits, by a constraint of the table: no formula.
  'Receiver.PhoneNumber': 'r.phone_number',
  'Receiver.Email': freeText('r.email'),
  'Receiver.ExternalID': freeText('r.external_id'),
  'ReceiverWallet.Address': 'w.stellar_address',
  'ReceiverWallet.Status': 'w.status',
  CreatedAt: momentOf('p.created_at'),
  UpdatedAt: momentOf('p.updated_at'),
  ExternalPaymentID: freeText('p.external_payment_id'),
  // Payments through Circle are not supported yet; the column is there for who reads by position.
  CircleTransferRequestID: 'NULL',
};

/** What is read of a payment; its history, which is longer than all of it, is not. */
const OF_PAYMENT = [
  ...[
    'id',
    'tenant_id',
    'asset_id',
    'receiver_id',
    'receiver_wallet_id',
    'disbursement_id',
    'amount',
    'status',
    'type',
  ],
  ...['stellar_transaction_id', 'external_payment_id', 'created_at', 'updated_at'],
].map((column) => `p.${column}`);

/** The payments of a list, all pages of it. */
export function paymentExport(tenantId: string, query: PaymentQuery): ExportQuery {
  const values = new ExportValues();
  const tenant = values.at(tenantId, 'uuid');
  const conditions = [`p.tenant_id = ${tenant}`];
  const filter = (
    name: keyof typeof PAYMENT_CONDITIONS,
    value: string | null,
    type?: 'timestamptz' | 'uuid',
  ): void => {
    if (value !== null) conditions.push(PAYMENT_CONDITIONS[name](values.at(value, type)));
  };
  filter('status', query.status);
  filter('from', query.created.from, 'timestamptz');
  filter('until', query.created.until, 'timestamptz');
  // The indexes of the list hold so much. What else is asked for is a matter of each batch.
  const indexed = [...conditions];
  filter('type', query.type);
  filter('receiverId', query.receiverId, 'uuid');
  filter('text', query.text?.toLowerCase() ?? null);
  const { sort, direction } = query;
  const order = `p.${sort} ${direction}, p.id ${direction}`;
  const isFew = query.receiverId !== null || query.text !== null;
  const of = (table: string, ids: string): string =>
    isFew
      ? table
      : `(SELECT * FROM ${table} t WHERE t.tenant_id = ${tenant} AND t.id = ANY (ARRAY(SELECT ${ids} FROM page)))`;
  const select = (payments: string): string => `SELECT ${selectOf(COLUMNS)}
       FROM ${payments} p
       JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
       JOIN ${of('receivers.receivers', 'receiver_id')} r ON r.tenant_id = p.tenant_id AND r.id = p.receiver_id
       JOIN ${of('receivers.receiver_wallets', 'receiver_wallet_id')} w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
       JOIN catalogue.wallets v ON v.tenant_id = w.tenant_id AND v.id = w.wallet_id`;
  const where = (all: readonly string[]): string => `WHERE ${all.join(' AND ')}`;
  const header = Object.keys(COLUMNS);
  if (isFew) {
    return {
      header,
      values,
      rows: `${select('disbursements.payments')} ${where(conditions)} ORDER BY ${order}`,
    };
  }
  const behind = `(p.${sort}, p.id) ${direction === 'asc' ? '>' : '<'} ($1::timestamptz, $2::uuid)`;
  const page = `SELECT ${OF_PAYMENT.join(', ')} FROM disbursements.payments p`;
  const ofEach = statusesToMerge({ ...query, type: null });
  const placesOf = (one: readonly string[]): string =>
    `(SELECT p.${sort}, p.id FROM disbursements.payments p ${where([...indexed, behind, ...one])} ORDER BY ${order} LIMIT $3::int)`;
  return {
    header,
    values,
    rows: {
      direction,
      place: `SELECT p.${sort}::text AS at, p.id FROM (${rowsOfEach(ofEach, placesOf)}) p
               ORDER BY ${order} OFFSET $3::int - 1 LIMIT 1`,
      select: `WITH page AS MATERIALIZED (${page} ${where([...conditions, ...isAnyOf(ofEach), isInBatch('p', sort, direction)])})
               ${select('page')} ORDER BY ${order}`,
    },
  };
}
