import { formatAmount } from '@libs/kernel';

import { assetOfRowJson } from '../catalogue/asset-of-row';
import type { DisbursementRow, HistoryEntry } from './disbursement-rows';

const USER = /^user:(.*)$/;

/** Who did it; for a key or a job there is no person to name. */
export const historyJson = (entry: HistoryEntry): object => ({
  user_id: USER.exec(entry.actor ?? '')?.[1] ?? '',
  status: entry.status,
  timestamp: entry.timestamp,
});

/** Nobody has empty texts. */
const personJson = (id: string | null, firstName: string | null, lastName: string | null): object => ({
  id: id ?? '',
  first_name: firstName ?? '',
  last_name: lastName ?? '',
});

/** Rounds half up to a stroop: an average is shown, never paid. */
export const averageOf = (sum: bigint, count: number): bigint =>
  count === 0 ? 0n : (sum * 2n + BigInt(count)) / (2n * BigInt(count));

const walletJson = (row: DisbursementRow): object => ({
  id: row.wallet_id,
  name: row.wallet_name,
  enabled: row.wallet_enabled,
  user_managed: row.wallet_user_managed,
  embedded: row.wallet_embedded,
  ...(row.wallet_homepage === '' ? {} : { homepage: row.wallet_homepage }),
  ...(row.wallet_client_domain === '' ? {} : { sep_10_client_domain: row.wallet_client_domain }),
  ...(row.wallet_deep_link === '' ? {} : { deep_link_schema: row.wallet_deep_link }),
});

export function disbursementJson(row: DisbursementRow): Record<string, unknown> {
  const total = BigInt(row.total_amount);
  return {
    id: row.id,
    name: row.name,
    wallet: walletJson(row),
    asset: assetOfRowJson(row),
    status: row.status,
    ...(row.verification_field === null ? {} : { verification_field: row.verification_field }),
    status_history: row.status_history.map(historyJson),
    receiver_registration_message_template: row.receiver_registration_message_template,
    ...(row.file_name === null ? {} : { file_name: row.file_name }),
    created_at: row.created_at,
    updated_at: row.updated_at,
    registration_contact_type: row.registration_contact_type,
    total_payments: row.total,
    total_payments_sent: row.success,
    total_payments_failed: row.failed,
    total_payments_canceled: row.canceled,
    total_payments_remaining: row.total - row.success - row.failed - row.canceled,
    amount_disbursed: formatAmount(BigInt(row.success_amount)),
    total_amount: formatAmount(total),
    average_amount: formatAmount(averageOf(total, row.total)),
    ...(row.ledger_fees === undefined ? {} : { ledger_fees: formatAmount(row.ledger_fees) }),
    created_by: personJson(row.creator_id, row.creator_first_name, row.creator_last_name),
    started_by: personJson(row.starter_id, row.starter_first_name, row.starter_last_name),
  };
}
