import { amountOf } from '@libs/kernel';
import { type Outflow, positionOf } from '@libs/ledger';
import { z } from 'zod';

import { transactionShape } from './horizon-records';
import { toTransactions } from './horizon-transactions';

const amount = z.string().regex(/^[0-9]+\.[0-9]{7}$/);

/** What `/accounts/…/payments` tells with `join=transactions`; what is not named is ignored. */
const movementRecord = z.object({
  id: z.string().regex(/^[0-9]+$/),
  paging_token: z.string(),
  type: z.string(),
  transaction_successful: z.boolean(),
  transaction: transactionShape.nullish(),
  from: z.string().optional(),
  to: z.string().optional(),
  amount: amount.optional(),
  asset_code: z.string().optional(),
  asset_issuer: z.string().optional(),
  source_amount: amount.optional(),
  source_asset_code: z.string().optional(),
  source_asset_issuer: z.string().optional(),
  funder: z.string().optional(),
  starting_balance: amount.optional(),
  account: z.string().optional(),
  into: z.string().optional(),
});
type MovementRecord = z.infer<typeof movementRecord>;

export const movementPageShape = z
  .object({ _embedded: z.object({ records: z.array(movementRecord) }) })
  .transform((value) => value._embedded.records);

type Moved = Pick<Outflow, 'kind' | 'to' | 'asset' | 'amount'>;

/** "0.0000000" is what a sponsored account starts with; no payment is. */
const stroopsOf = (text: string | undefined): bigint =>
  text === undefined || /^[0.]+$/.test(text) ? 0n : amountOf(text);

const assetOf = (code: string | undefined, issuer: string | undefined): Outflow['asset'] => ({
  code: code ?? 'XLM',
  issuer: issuer ?? '',
});

/** What the record took out of the account; null when it took nothing, as a payment that the account received. */
function movedBy(record: MovementRecord, address: string): Moved | null {
  const { type, from, to, funder, account, into } = record;
  if (type === 'payment' && from === address && to !== undefined) {
    const asset = assetOf(record.asset_code, record.asset_issuer);
    return { kind: 'payment', to, asset, amount: stroopsOf(record.amount) };
  }
  if (type.startsWith('path_payment') && from === address && to !== undefined) {
    const asset = assetOf(record.source_asset_code, record.source_asset_issuer);
    return { kind: 'path-payment', to, asset, amount: stroopsOf(record.source_amount) };
  }
  const xlm = assetOf(undefined, undefined);
  if (type === 'create_account' && funder === address && account !== undefined)
    return { kind: 'create-account', to: account, asset: xlm, amount: stroopsOf(record.starting_balance) };
  if (type === 'account_merge' && account === address && into !== undefined)
    return { kind: 'merge', to: into, asset: xlm, amount: null };
  return null;
}

/** What left the account by these records. A node that leaves out the ledger transaction cannot be used for this. */
export function toOutflows(records: readonly MovementRecord[], address: string): Outflow[] | null {
  const outflows: Outflow[] = [];
  for (const record of records) {
    if (!record.transaction_successful) continue;
    const moved = movedBy(record, address);
    if (moved === null) continue;
    const [transaction] = record.transaction ? toTransactions([record.transaction]) : [];
    if (transaction === undefined) return null;
    outflows.push({
      ...moved,
      id: record.id,
      position: positionOf(record.id),
      innerHash: transaction.innerHash,
      envelopeHash: transaction.envelopeHash,
      sourceAccount: transaction.sourceAccount,
      sourceSequence: transaction.sourceSequence,
      feeCharged: transaction.feeCharged,
      operationCount: transaction.operationCount,
      ledger: transaction.ledger,
      closedAt: transaction.closedAt,
      memo: transaction.memo,
    });
  }
  return outflows;
}
