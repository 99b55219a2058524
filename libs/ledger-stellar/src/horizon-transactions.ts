import type { LedgerTransaction } from '@libs/ledger';

import { memoOf, type TransactionRecord } from './horizon-records';
import { readResult } from './result-codes';

/** Turns Horizon's records into ours. The codes of failed ones are in XDR only. */
export function toTransactions(records: readonly TransactionRecord[]): LedgerTransaction[] {
  return records.map((record) => {
    const result = record.successful ? null : readResult(record.result_xdr);
    return {
      innerHash: record.inner_transaction?.hash ?? record.hash,
      envelopeHash: record.fee_bump_transaction?.hash ?? record.hash,
      successful: record.successful,
      ledger: record.ledger,
      closedAt: new Date(record.created_at),
      sourceAccount: record.source_account,
      sourceSequence: BigInt(record.source_account_sequence),
      feeAccount: record.fee_account,
      feeCharged: BigInt(record.fee_charged),
      memo: memoOf(record),
      operationCount: record.operation_count,
      pagingToken: record.paging_token,
      resultCode: record.successful ? 'tx_success' : (result?.code ?? 'unreadable'),
      operationCodes: result?.operationCodes ?? [],
    };
  });
}
