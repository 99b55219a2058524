import {
  inclusionOf,
  type LedgerTransaction,
  LedgerUnreachableError,
  type LookupAnswer,
  type LookupQuery,
} from '@libs/ledger';

import type { HorizonNode } from './horizon-node';
import { accountShape, ledgerShape, transactionPageShape, transactionShape } from './horizon-records';
import { toTransactions } from './horizon-transactions';
import { outcomeOfOperation } from './outcome-codes';

const NOTHING: LookupAnswer = { kind: 'notYet', contradiction: false };
const CONTRADICTION: LookupAnswer = { kind: 'notYet', contradiction: true };

/** How far back the history of a channel account is searched for what used a sequence number. */
const PAGES_MAX = 5;
const PAGE_LIMIT = 50;

/** What one ledger transaction proves about an attempt, with the meaning of each result code. */
export function evidenceIn(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
  const inclusion = inclusionOf(query, transaction);
  if (inclusion?.kind !== 'failed') return inclusion;
  const operations = transaction.operationCodes.map(outcomeOfOperation);
  return { kind: 'failed', proof: inclusion.proof, code: transaction.resultCode, operations };
}

/** Asks each node in turn, and believes the first that has evidence. */
export async function lookupAttempt(
  nodes: readonly HorizonNode[],
  query: LookupQuery,
): Promise<LookupAnswer> {
  let contradiction = false;
  for (const node of nodes) {
    try {
      const answer = await lookupAt(node, query);
      if (answer.kind !== 'notYet') return answer;
      contradiction ||= answer.contradiction;
    } catch (cause) {
      // A node that cannot be asked proves nothing, in either direction.
      if (!(cause instanceof LedgerUnreachableError)) throw cause;
    }
  }
  return contradiction ? CONTRADICTION : NOTHING;
}

/**
 * The rules of evidence, at one node. A hash that is not found proves nothing; the sequence number of the channel
 * account decides how to go on, as seen in one answer together with the ledger that the answer is from.
 */
async function lookupAt(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer> {
  const found = await node.get(`/transactions/${query.reference}`, transactionShape);
  if (found !== null) {
    const [transaction] = toTransactions([found.value]);
    const answer = transaction === undefined ? null : evidenceIn(query, transaction);
    if (answer !== null) return answer;
  }
  const account = await node.get(`/accounts/${query.channel}`, accountShape);
  if (account === null || account.latestLedger === null) return NOTHING;
  if (account.value.sequence >= query.sequence) return await whatUsedTheSequence(node, query);
  const [newest, lastSeen] = await Promise.all([
    node.get(`/ledgers/${String(account.latestLedger)}`, ledgerShape),
    node.get(`/ledgers/${String(query.lastSeen.sequence)}`, ledgerShape),
  ]);
  if (newest === null || lastSeen?.value.hash !== query.lastSeen.hash) return NOTHING;
  if (newest.value.closedAt <= query.maxTime) return NOTHING;
  return {
    kind: 'expired',
    proof: {
      node: node.url,
      channelSequence: account.value.sequence,
      latestLedger: account.latestLedger,
      latestClosedAt: newest.value.closedAt,
    },
  };
}

async function whatUsedTheSequence(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer> {
  let cursor = '';
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const from = cursor === '' ? '' : `&cursor=${cursor}`;
    const path = `/accounts/${query.channel}/transactions?order=desc&limit=${String(PAGE_LIMIT)}&include_failed=true${from}`;
    const records = (await node.get(path, transactionPageShape))?.value ?? [];
    for (const transaction of toTransactions(records)) {
      const answer = evidenceIn(query, transaction);
      if (answer !== null) return answer;
      const older =
        transaction.sourceAccount === query.channel && transaction.sourceSequence < query.sequence;
      if (older) return CONTRADICTION;
    }
    if (records.length < PAGE_LIMIT) return CONTRADICTION;
    cursor = records.at(-1)?.paging_token ?? '';
  }
  return CONTRADICTION;
}
