import type { PaymentQuery } from '../payments/payments.read-model';
import { PAYMENT_CONDITIONS } from '../payments/payments.read-model';
import {
  decimalOf,
  type ExportColumns,
  type ExportQuery,
  ExportValues,
  freeText,
  momentOf,
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

/** The payments of a list, all pages of it. */
export function paymentExport(tenantId: string, query: PaymentQuery): ExportQuery {
  const values = new ExportValues();
  const conditions = [`p.tenant_id = ${values.at(tenantId, 'uuid')}`];
  const filter = (
    name: keyof typeof PAYMENT_CONDITIONS,
    value: string | null,
    type?: 'timestamptz' | 'uuid',
  ): void => {
    if (value !== null) conditions.push(PAYMENT_CONDITIONS[name](values.at(value, type)));
  };
  filter('status', query.status);
  filter('type', query.type);
  filter('receiverId', query.receiverId, 'uuid');
  filter('from', query.created.from, 'timestamptz');
  filter('until', query.created.until, 'timestamptz');
  filter('text', query.text?.toLowerCase() ?? null);
  const direction = query.direction === 'asc' ? 'ASC' : 'DESC';
  return {
    header: Object.keys(COLUMNS),
    select: `SELECT ${selectOf(COLUMNS)}
       FROM disbursements.payments p
       JOIN catalogue.assets a ON a.tenant_id = p.tenant_id AND a.id = p.asset_id
       JOIN receivers.receivers r ON r.tenant_id = p.tenant_id AND r.id = p.receiver_id
       JOIN receivers.receiver_wallets w ON w.tenant_id = p.tenant_id AND w.id = p.receiver_wallet_id
       JOIN catalogue.wallets v ON v.tenant_id = w.tenant_id AND v.id = w.wallet_id
      WHERE ${conditions.join(' AND ')}
      ORDER BY p.${query.sort} ${direction}, p.id ${direction}`,
    values,
  };
}
