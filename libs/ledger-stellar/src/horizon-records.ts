import type { BalanceLine, FeeStats, LedgerAccount, LedgerHeader, LedgerPayment, Memo } from '@libs/ledger';
import { amountOf } from '@libs/kernel';
import { z } from 'zod';

/** The shapes of Horizon's answers that are read here; what is not named is ignored. */
const digits = z.string().regex(/^-?[0-9]+$/);
const amount = z
  .string()
  .regex(/^[0-9]+\.[0-9]{7}$/)
  // "0.0000000" is a fine balance, though no fine payment.
  .transform((text) => (/^[0.]+$/.test(text) ? 0n : amountOf(text)));

const ledgerRecord = z.object({
  sequence: z.int(),
  hash: z.string(),
  prev_hash: z.string().default(''),
  closed_at: z.string(),
  base_reserve_in_stroops: z.int(),
  successful_transaction_count: z.int(),
  failed_transaction_count: z.int().nullable().default(0),
  max_tx_set_size: z.int().min(1),
});

const balanceRecord = z.object({
  balance: amount,
  limit: amount.optional(),
  buying_liabilities: amount.default(0n),
  selling_liabilities: amount.default(0n),
  is_authorized: z.boolean().optional(),
  asset_type: z.string(),
  asset_code: z.string().optional(),
  asset_issuer: z.string().optional(),
});

const accountRecord = z.object({
  account_id: z.string(),
  sequence: digits,
  subentry_count: z.int(),
  num_sponsoring: z.int().default(0),
  num_sponsored: z.int().default(0),
  thresholds: z.object({ low_threshold: z.int(), med_threshold: z.int(), high_threshold: z.int() }),
  balances: z.array(balanceRecord),
  signers: z.array(z.object({ key: z.string(), weight: z.int() })),
  /** Names to base64. */
  data: z.record(z.string(), z.string()).default({}),
});

const transactionRecord = z.object({
  hash: z.string(),
  successful: z.boolean(),
  ledger: z.int(),
  created_at: z.string(),
  source_account: z.string(),
  source_account_sequence: digits,
  fee_account: z.string(),
  fee_charged: z.union([digits, z.int()]),
  operation_count: z.int(),
  paging_token: digits,
  result_xdr: z.string(),
  memo_type: z.string(),
  memo: z.string().optional(),
  fee_bump_transaction: z.object({ hash: z.string() }).optional(),
  inner_transaction: z.object({ hash: z.string() }).optional(),
});
export type TransactionRecord = z.infer<typeof transactionRecord>;

const paymentRecord = z.object({
  id: z.string(),
  paging_token: z.string(),
  type: z.string(),
  transaction_successful: z.boolean(),
  transaction_hash: z.string(),
  created_at: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
  amount: amount.optional(),
  asset_code: z.string().optional(),
  asset_issuer: z.string().optional(),
});

const feeStatsRecord = z.object({
  last_ledger_base_fee: digits,
  ledger_capacity_usage: z.string(),
  fee_charged: z.object({ p90: digits }),
  max_fee: z.object({ p90: digits }),
});

const page = <T extends z.ZodType>(record: T): z.ZodType<z.infer<T>[]> =>
  z
    .object({ _embedded: z.object({ records: z.array(record) }) })
    .transform((value) => value._embedded.records);

export const rootShape = z.object({ network_passphrase: z.string(), history_latest_ledger: z.int() });
export const transactionShape = transactionRecord;
export const transactionPageShape = page(transactionRecord);

const toHeader = (record: z.infer<typeof ledgerRecord>): LedgerHeader => ({
  sequence: record.sequence,
  hash: record.hash,
  previousHash: record.prev_hash,
  closedAt: new Date(record.closed_at),
  baseReserve: BigInt(record.base_reserve_in_stroops),
  maxOperations: record.max_tx_set_size,
  transactionCount: record.successful_transaction_count + (record.failed_transaction_count ?? 0),
});

export const ledgerShape = ledgerRecord.transform(toHeader);
export const ledgerPageShape = page(ledgerRecord.transform(toHeader));

/** `1` in base64: what SEP-29 has accounts say that cannot tell payments apart without a memo. */
const MEMO_REQUIRED = 'MQ==';

const toLine = (record: z.infer<typeof balanceRecord>): BalanceLine | null => {
  const native = record.asset_type === 'native';
  // A share of a liquidity pool has neither code nor issuer; nothing here pays with it.
  if (!native && (record.asset_code === undefined || record.asset_issuer === undefined)) return null;
  return {
    asset: { code: record.asset_code ?? 'XLM', issuer: record.asset_issuer ?? '' },
    balance: record.balance,
    limit: record.limit ?? null,
    buyingLiabilities: record.buying_liabilities,
    sellingLiabilities: record.selling_liabilities,
    authorized: native || record.is_authorized !== false,
  };
};

export const accountShape = accountRecord.transform((record): Omit<LedgerAccount, 'latestLedger'> => ({
  address: record.account_id,
  sequence: BigInt(record.sequence),
  balances: record.balances.map(toLine).filter((line) => line !== null),
  signers: record.signers,
  thresholds: {
    low: record.thresholds.low_threshold,
    medium: record.thresholds.med_threshold,
    high: record.thresholds.high_threshold,
  },
  subentries: record.subentry_count,
  sponsoring: record.num_sponsoring,
  sponsored: record.num_sponsored,
  memoRequired: record.data['config.memo_required'] === MEMO_REQUIRED,
}));

export const feeStatsShape = feeStatsRecord.transform((record): FeeStats => ({
  baseFee: BigInt(record.last_ledger_base_fee),
  capacityUsage: Number(record.ledger_capacity_usage),
  chargedP90: BigInt(record.fee_charged.p90),
  bidP90: BigInt(record.max_fee.p90),
}));

export const paymentPageShape = page(paymentRecord).transform((records) =>
  records.flatMap((record): LedgerPayment[] => {
    const { from, to, amount: moved } = record;
    if (record.type !== 'payment' || from === undefined || to === undefined || moved === undefined) return [];
    return [
      {
        id: record.id,
        pagingToken: record.paging_token,
        ledgerTransactionHash: record.transaction_hash,
        successful: record.transaction_successful,
        createdAt: new Date(record.created_at),
        from,
        to,
        assetCode: record.asset_code ?? 'XLM',
        assetIssuer: record.asset_issuer ?? '',
        amount: moved,
      },
    ];
  }),
);

/** Horizon shows a hash memo in base64; the rest of the platform writes hex. */
export function memoOf(record: Pick<TransactionRecord, 'memo_type' | 'memo'>): Memo | null {
  const value = record.memo ?? '';
  switch (record.memo_type) {
    case 'text':
    case 'id':
      return { type: record.memo_type, value };
    case 'hash':
    case 'return':
      return { type: record.memo_type, value: Buffer.from(value, 'base64').toString('hex') };
    default:
      return null;
  }
}
