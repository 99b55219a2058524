import {
  inclusionOf,
  type LedgerHeader,
  type LedgerTransaction,
  LedgerUnreachableError,
  type LookupAnswer,
  type LookupQuery,
} from '@libs/ledger';

import { type HorizonNode, restedOf } from './horizon-node';
import { accountShape, ledgerShape, transactionPageShape, transactionShape } from './horizon-records';
import { toTransactions } from './horizon-transactions';
import { classOfFailure, outcomeOfOperation } from './outcome-codes';

const NOTHING: LookupAnswer = { kind: 'notYet', contradiction: false };
const CONTRADICTION: LookupAnswer = { kind: 'notYet', contradiction: true };

/** How far back the history of a channel account is searched for what used a sequence number. */
const PAGES_MAX = 5;
const PAGE_LIMIT = 50;
/** A balancer may have asked an older server than the one that answered before: it is asked again. */
const ASKED_MAX = 3;
/** A header is asked for once for all attempts that are looked up together. */
const HEADERS_KEPT_MS = 500;
const HEADERS_MAX = 1_000;

/** What one ledger transaction proves about an attempt, with the meaning of each result code. */
export function evidenceIn(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
  const inclusion = inclusionOf(query, transaction);
  if (inclusion?.kind !== 'failed') return inclusion;
  const { resultCode: code } = transaction;
  const operations = transaction.operationCodes.map(outcomeOfOperation);
  return { kind: 'failed', proof: inclusion.proof, code, class: classOfFailure(code), operations };
}

/** Looks attempts up at the nodes, by the rules of evidence. */
export class EvidenceLookup {
  private readonly headers = new Map<string, Promise<LedgerHeader | null>>();
  private headersSince = -Infinity;

  constructor(
    private readonly nodes: readonly HorizonNode[],
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Asks each node in turn that need not be left alone, and believes the first that has evidence. */
  async attempt(query: LookupQuery): Promise<LookupAnswer> {
    let contradiction = false;
    for (const node of restedOf(this.nodes)) {
      try {
        const answer = await this.at(node, query);
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
   * A hash that is not found proves nothing; the sequence number of the channel account decides how to go on, as seen in
   * one answer together with the ledger that the answer is from. Behind one address there may be nodes of different age,
   * so no two answers are taken to be of the same ledger.
   */
  private async at(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer> {
    const account = await node.get(`/accounts/${query.channel}`, accountShape);
    if (account === null || account.latestLedger === null) return (await byHash(node, query)) ?? NOTHING;
    if (account.value.sequence >= query.sequence) return await whatUsedTheSequence(node, query);
    // It did not exist yet in a ledger before the last one that its maker saw: that ledger cannot speak of it.
    if (account.latestLedger <= query.lastSeen.sequence) return NOTHING;
    const newest = await this.header(node, account.latestLedger);
    if (newest === null || newest.closedAt <= query.maxTime) return NOTHING;
    const lastSeen = await this.header(node, query.lastSeen.sequence);
    if (lastSeen?.hash !== query.lastSeen.hash) return NOTHING;
    return {
      kind: 'expired',
      proof: {
        node: node.url,
        channelSequence: account.value.sequence,
        latestLedger: account.latestLedger,
        latestClosedAt: newest.closedAt,
      },
    };
  }

  private async header(node: HorizonNode, sequence: number): Promise<LedgerHeader | null> {
    const now = this.now();
    if (now - this.headersSince >= HEADERS_KEPT_MS || this.headers.size >= HEADERS_MAX) {
      this.headers.clear();
      this.headersSince = now;
    }
    const key = `${String(sequence)} ${node.url}`;
    const known = this.headers.get(key);
    if (known !== undefined) return await known;
    const asked = headerAt(node, sequence);
    this.headers.set(key, asked);
    return await asked;
  }
}

async function headerAt(node: HorizonNode, sequence: number): Promise<LedgerHeader | null> {
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const answer = await node.get(`/ledgers/${String(sequence)}`, ledgerShape);
    if (answer !== null) return answer.value;
  }
  return null;
}

async function byHash(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer | null> {
  const found = await node.get(`/transactions/${query.reference}`, transactionShape);
  const [transaction] = found === null ? [] : toTransactions([found.value]);
  return transaction === undefined ? null : evidenceIn(query, transaction);
}

async function whatUsedTheSequence(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer> {
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const answer = (await byHash(node, query)) ?? (await inHistory(node, query));
    if (answer !== null) return answer;
  }
  return CONTRADICTION;
}

/** Searches the channel account's ledger transactions, newest first, for the one that has the attempt's place. */
async function inHistory(node: HorizonNode, query: LookupQuery): Promise<LookupAnswer | null> {
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
      if (older) return null;
    }
    if (records.length < PAGE_LIMIT) return null;
    cursor = records.at(-1)?.paging_token ?? '';
  }
  return null;
}
