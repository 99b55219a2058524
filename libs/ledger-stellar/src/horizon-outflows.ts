import { amountOf, type Asset } from '@libs/kernel';
import {
  LedgerUnreachableError,
  type Outflow,
  OUTFLOW_LIMIT_MAX,
  type OutflowPage,
  type OutflowRequest,
  positionOf,
} from '@libs/ledger';
import { z } from 'zod';

import { type Moved, movementsIn, TOLD_BY_RESULT } from './envelope-movements';
import type { HorizonNode } from './horizon-node';
import { rootShape, transactionShape } from './horizon-records';
import { toTransactions } from './horizon-transactions';

const envelopeRecord = transactionShape.extend({ envelope_xdr: z.string().min(1) });
type EnvelopeRecord = z.infer<typeof envelopeRecord>;

const envelopePageShape = z
  .object({ _embedded: z.object({ records: z.array(envelopeRecord) }) })
  .transform((value) => value._embedded.records);

const amount = z.string().regex(/^[0-9]+\.[0-9]{7}$/);

/** What `/transactions/…/payments` tells; what is not named is ignored. */
const movementRecord = z.object({
  id: z.string().regex(/^[0-9]+$/),
  type: z.string(),
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

const movementPageShape = z
  .object({ _embedded: z.object({ records: z.array(movementRecord) }) })
  .transform((value) => value._embedded.records);

/** More than the operations that a ledger transaction can have. */
const MOVEMENTS_MAX = 200;

/**
 * What left an account by its ledger transactions, as one node tells it: the envelope of each says all of its payments, so
 * that a page is one call for up to 10,000 of them. Null when the node has not come as far as it should have.
 */
export async function outflowsAt(
  node: HorizonNode,
  address: string,
  { cursor, notBefore, limit = OUTFLOW_LIMIT_MAX }: OutflowRequest,
): Promise<OutflowPage | null> {
  const page = `order=asc&limit=${String(limit)}&cursor=${encodeURIComponent(cursor)}`;
  const answer = await node.get(
    `/accounts/${encodeURIComponent(address)}/transactions?${page}`,
    envelopePageShape,
  );
  const records = answer?.value ?? [];
  const isLast = records.length < limit;
  const last = records.at(-1);
  // A full page holds all up to its last record, however old the node is; and a node that tells of a ledger has ingested it.
  const isWhole =
    !isLast ||
    (last?.ledger ?? 0) >= notBefore ||
    (answer?.latestLedger ?? (await newestOf(node))) >= notBefore;
  if (!isWhole) return null;
  const outflows: Outflow[] = [];
  for (const record of records) outflows.push(...(await outflowsIn(node, record, address)));
  return { outflows, cursor: last?.paging_token ?? cursor, isLast };
}

async function newestOf(node: HorizonNode): Promise<number> {
  return (await node.get('/', rootShape))?.value.history_latest_ledger ?? 0;
}

async function outflowsIn(node: HorizonNode, record: EnvelopeRecord, address: string): Promise<Outflow[]> {
  const [transaction] = record.successful ? toTransactions([record]) : [];
  if (transaction === undefined) return [];
  const moved = await movementsOf(node, record, address);
  const first = BigInt(record.paging_token) + 1n;
  return moved.flatMap((movement, position): Outflow[] => {
    if (movement === null) return [];
    return [
      {
        ...movement,
        id: String(first + BigInt(position)),
        position,
        innerHash: transaction.innerHash,
        envelopeHash: transaction.envelopeHash,
        sourceAccount: transaction.sourceAccount,
        sourceSequence: transaction.sourceSequence,
        feeCharged: transaction.feeCharged,
        operationCount: transaction.operationCount,
        ledger: transaction.ledger,
        closedAt: transaction.closedAt,
        memo: transaction.memo,
      },
    ];
  });
}

/** As the envelope says; the node is asked for what only a result tells, or for payments where the envelope cannot be read. */
async function movementsOf(
  node: HorizonNode,
  record: EnvelopeRecord,
  address: string,
): Promise<readonly (Moved | null)[]> {
  const read = movementsIn(record.envelope_xdr, record.operation_count, address);
  const told =
    read === null || read.includes(TOLD_BY_RESULT) ? await movementsAt(node, record.hash, address) : [];
  if (read === null) return told;
  return read.map((movement, place) => (movement === TOLD_BY_RESULT ? (told[place] ?? null) : movement));
}

/** What the node says of each operation, where the envelope does not tell. */
async function movementsAt(
  node: HorizonNode,
  hash: string,
  address: string,
): Promise<readonly (Moved | null)[]> {
  const path = `/transactions/${hash}/payments?order=asc&limit=${String(MOVEMENTS_MAX)}`;
  const records = (await node.get(path, movementPageShape))?.value;
  if (records === undefined) throw new LedgerUnreachableError(`${node.url} does not know ${hash} any more`);
  const moved: (Moved | null)[] = [];
  for (const record of records) moved[positionOf(record.id)] = movedBy(record, address);
  return Array.from(moved, (movement) => movement ?? null);
}

/** "0.0000000" is what a sponsored account starts with; no payment is. */
const stroopsOf = (text: string | undefined): bigint =>
  text === undefined || /^[0.]+$/.test(text) ? 0n : amountOf(text);

const assetOf = (code: string | undefined, issuer: string | undefined): Asset => ({
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
