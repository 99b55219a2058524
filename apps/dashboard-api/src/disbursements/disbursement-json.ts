import { formatAmount } from '@libs/kernel';

import type { DisbursementRow, HistoryEntry, Person } from './disbursement-rows';

const NOBODY: Person = { id: '', first_name: '', last_name: '' };
const USER = /^user:(.*)$/;

/** Who did it; for a key or a job there is no person to name. */
export const historyJson = (entry: HistoryEntry): object => ({
  user_id: USER.exec(entry.actor ?? '')?.[1] ?? '',
  status: entry.status,
  timestamp: entry.timestamp,
});

/** Rounds half up to a stroop: an average is shown, never paid. */
export const averageOf = (sum: bigint, count: number): bigint =>
  count === 0 ? 0n : (sum * 2n + BigInt(count)) / (2n * BigInt(count));

export function disbursementJson(row: DisbursementRow): Record<string, unknown> {
  const { homepage, sep_10_client_domain: clientDomain, deep_link_schema: deepLink, ...wallet } = row.wallet;
  const total = BigInt(row.total_amount);
  return {
    id: row.id,
    name: row.name,
    wallet: {
      ...wallet,
      ...(homepage === '' ? {} : { homepage }),
      ...(clientDomain === '' ? {} : { sep_10_client_domain: clientDomain }),
      ...(deepLink === '' ? {} : { deep_link_schema: deepLink }),
    },
    asset: row.asset,
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
    created_by: row.created_by ?? NOBODY,
    started_by: row.started_by ?? NOBODY,
  };
}
