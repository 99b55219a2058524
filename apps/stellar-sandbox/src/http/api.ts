import { dataKey } from '../engine/entries';
import type { Network } from '../engine/network';
import { resultCodesOf } from '../engine/result-codes';
import type { Friendbot } from '../friendbot';
import type { History } from '../history/history';
import type { Acceptance, Answer, Submission } from '../submission';
import { accountsList, assetsList } from './account-lists';
import { type Exchange, hal, type Reply } from './exchange';
import { feeStatsView } from './fee-stats';
import { pageReply } from './pages';
import { pagingOf } from './paging';
import * as problems from './problems';
import { rootView } from './root';
import {
  accountCollection,
  accountIdOf,
  type Collection,
  hashOf,
  ledgerCollection,
  ledgerOf,
  ledgersCollection,
  now,
  operationById,
  transactionCollection,
  wholeCollection,
} from './collections';
import type { Streams } from './stream';
import { accountView, type Json, ledgerView, transactionView } from './views';

export interface ApiContext {
  readonly history: History;
  readonly network: Network;
  readonly submission: Submission;
  readonly friendbot: Friendbot | null;
  readonly streams: Streams;
  readonly passphrase: string;
  /** The node that answers, from 1. */
  readonly node: number;
  /** It cuts every connection. */
  readonly down: boolean;
}

/** `null` means that the answer is a stream, which goes its own way. */
type Handler = (
  exchange: Exchange,
  parameter: string,
  context: ApiContext,
) => Promise<Reply | null> | Reply | null;

const wantsStream = ({ request }: Exchange): boolean =>
  (request.headers.accept ?? '').includes('text/event-stream');

function listReply(
  exchange: Exchange,
  collection: Collection,
  { history, streams }: ApiContext,
): Reply | null {
  const { base, path, query, request } = exchange;
  const streaming = wantsStream(exchange);
  const lastEventId = request.headers['last-event-id'];
  const resumed = streaming && typeof lastEventId === 'string' ? lastEventId : null;
  const paging = pagingOf(query, now(history), resumed);
  if (!streaming) return pageReply(collection, { base, path, query, paging });
  streams.follow(exchange, collection, paging);
  return null;
}

const listContext = ({ base, query }: Exchange, { history }: ApiContext) => ({
  history,
  base,
  includeFailed: query.get('include_failed') === 'true',
  joinTransactions: query.get('join') === 'transactions',
});

const latestLedger = ({ history }: ApiContext): Readonly<Record<string, string>> => ({
  'latest-ledger': String(history.latestSequence),
});

/** An account that the history knows, even one that was merged away since. */
function knownAccount(id: string, { history }: ApiContext): string {
  accountIdOf(id);
  const known = history.state.accounts.get(id) !== undefined || history.operationsOf.has(id);
  if (!known) throw problems.notFound();
  return id;
}

const account: Handler = (exchange, id, context) => {
  const entry = context.history.state.accounts.get(accountIdOf(id));
  if (entry === undefined) throw problems.notFound();
  const json = accountView(entry, context.history, exchange.base);
  if (!wantsStream(exchange)) return hal(json, latestLedger(context));
  context.streams.once(exchange, json);
  return null;
};

const accountData: Handler = ({ path }, id, context) => {
  const name = decoded(path.slice(path.lastIndexOf('/') + 1));
  const entry = context.history.state.data.get(dataKey(accountIdOf(id), name));
  if (entry === undefined) throw problems.notFound();
  return hal({ value: entry.value }, latestLedger(context));
};

const plainList =
  (
    list: (
      context: ApiContext,
      exchange: Exchange,
      limit: number,
    ) => readonly { token: string; json: Json }[],
  ): Handler =>
  (exchange, _parameter, context) => {
    const { base, path, query } = exchange;
    const withoutCursor = new URLSearchParams(query);
    withoutCursor.delete('cursor');
    const paging = { ...pagingOf(withoutCursor, 0n), cursorText: query.get('cursor') ?? '' };
    const items = list(context, exchange, paging.limit);
    return pageReply({ page: () => items }, { base, path, query, paging }, latestLedger(context));
  };

const NOTHING: Handler = plainList(() => []);

const transaction: Handler = ({ base }, parameter, { history }) => {
  const askedHash = hashOf(parameter);
  const record = history.find(askedHash);
  if (record === undefined) throw problems.notFound();
  return hal(transactionView(record, { history, base, askedHash }));
};

type ListName = 'transactions' | 'operations' | 'payments';

const transactionList =
  (list: 'operations' | 'payments'): Handler =>
  (exchange, parameter, context) => {
    const record = context.history.find(hashOf(parameter));
    if (record === undefined) throw problems.notFound();
    return listReply(exchange, transactionCollection(listContext(exchange, context), list, record), context);
  };

const ledgerList =
  (list: ListName): Handler =>
  (exchange, parameter, context) => {
    const record = ledgerOf(parameter, context.history);
    return listReply(exchange, ledgerCollection(listContext(exchange, context), list, record), context);
  };

const accountList =
  (list: ListName): Handler =>
  (exchange, parameter, context) => {
    const id = knownAccount(parameter, context);
    return listReply(exchange, accountCollection(listContext(exchange, context), list, id), context);
  };

const wholeList =
  (list: ListName): Handler =>
  (exchange, _parameter, context) =>
    listReply(exchange, wholeCollection(listContext(exchange, context), list), context);

function includedReply(
  answer: Extract<Answer, { kind: 'included' }>,
  hash: string,
  exchange: Exchange,
  context: ApiContext,
): Reply {
  const { record } = answer;
  const { history } = context;
  if (record.successful) {
    return hal(transactionView(record, { history, base: exchange.base, askedHash: hash }));
  }
  throw problems.transactionFailed({
    envelope_xdr: record.envelope.toString('base64'),
    result_codes: resultCodesOf(record.resultXdr),
    result_xdr: record.resultXdr,
  });
}

const submit: Handler = async (exchange, _parameter, context) => {
  const envelope = await exchange.envelope();
  const decoded = context.network.decode(envelope);
  if (decoded === null) throw problems.malformed(envelope);
  const answer = await context.submission.submit(decoded);
  switch (answer.kind) {
    case 'included':
      return includedReply(answer, decoded.hashHex, exchange, context);
    case 'refused':
      throw problems.transactionFailed({
        envelope_xdr: envelope,
        result_codes: resultCodesOf(answer.resultXdr),
        result_xdr: answer.resultXdr,
      });
    case 'timeout':
      throw problems.submissionTimeout(envelope, decoded.hashHex);
  }
};

const ASYNC_STATUS: Readonly<Record<Acceptance['status'], number>> = {
  PENDING: 201,
  DUPLICATE: 409,
  TRY_AGAIN_LATER: 503,
  ERROR: 400,
};

const submitAsync: Handler = async (exchange, _parameter, context) => {
  const envelope = await exchange.envelope();
  const decoded = context.network.decode(envelope);
  if (decoded === null) throw problems.malformed(envelope);
  const acceptance = await context.submission.offerWhenAwake(decoded);
  const error = acceptance.status === 'ERROR' ? { error_result_xdr: acceptance.resultXdr } : {};
  const json = { ...error, tx_status: acceptance.status, hash: decoded.hashHex };
  return hal(json, {}, ASYNC_STATUS[acceptance.status]);
};

const friendbot: Handler = async ({ base, query }, _parameter, context) => {
  if (context.friendbot === null) throw problems.notFound();
  const address = query.get('addr') ?? '';
  if (address === '') throw problems.badRequest('addr', 'addr is required');
  const answer = await context.friendbot.fund(accountIdOf(address));
  switch (answer.kind) {
    case 'created':
      return hal(transactionView(answer.record, { history: context.history, base }));
    case 'exists':
      throw new problems.Problem('bad_request', 'Bad Request', 400, {
        detail: 'account already funded to starting balance',
      });
    case 'busy':
      throw problems.timeout();
  }
};

const health: Handler = (_exchange, _parameter, { network }) => {
  const up = !network.pressure.hung;
  return {
    status: up ? 200 : 503,
    contentType: 'text/plain; charset=utf-8',
    body: JSON.stringify({ database_connected: true, core_up: up, core_synced: up }, null, 2),
  };
};

const unsupported: Handler = () => {
  throw problems.notImplemented();
};

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly handler: Handler;
}

const get = (path: RegExp, handler: Handler): Route => ({ method: 'GET', path, handler });
const post = (path: RegExp, handler: Handler): Route => ({ method: 'POST', path, handler });

const ROUTES: readonly Route[] = [
  get(/^\/$/, ({ base }, _parameter, context) =>
    hal(rootView({ ...context, base, friendbot: context.friendbot !== null })),
  ),
  get(/^\/accounts\/([^/]+)$/, account),
  get(/^\/accounts\/([^/]+)\/data\/[^/]+$/, accountData),
  get(/^\/accounts\/([^/]+)\/transactions$/, accountList('transactions')),
  get(/^\/accounts\/([^/]+)\/operations$/, accountList('operations')),
  get(/^\/accounts\/([^/]+)\/payments$/, accountList('payments')),
  // There is no market on this network, so what belongs to one is empty.
  get(/^\/accounts\/([^/]+)\/(?:offers|trades)$/, NOTHING),
  get(/^\/(?:offers|trades|claimable_balances|liquidity_pools)$/, NOTHING),
  get(
    /^\/accounts$/,
    plainList(({ history }, { base, query }, limit) => accountsList(history, { base, query, limit })),
  ),
  get(
    /^\/assets$/,
    plainList(({ history }, { base, query }, limit) => assetsList(history, { base, query, limit })),
  ),
  get(/^\/fee_stats$/, (_exchange, _parameter, { history }) => hal(feeStatsView(history))),
  get(/^\/health$/, health),
  get(/^\/friendbot$/, friendbot),
  post(/^\/friendbot$/, friendbot),
  get(/^\/ledgers$/, (exchange, _parameter, context) =>
    listReply(exchange, ledgersCollection(listContext(exchange, context)), context),
  ),
  get(/^\/ledgers\/([^/]+)$/, ({ base }, parameter, { history }) =>
    hal(ledgerView(ledgerOf(parameter, history), base)),
  ),
  get(/^\/ledgers\/([^/]+)\/transactions$/, ledgerList('transactions')),
  get(/^\/ledgers\/([^/]+)\/operations$/, ledgerList('operations')),
  get(/^\/ledgers\/([^/]+)\/payments$/, ledgerList('payments')),
  get(/^\/transactions$/, wholeList('transactions')),
  get(/^\/transactions\/([^/]+)$/, transaction),
  get(/^\/transactions\/([^/]+)\/operations$/, transactionList('operations')),
  get(/^\/transactions\/([^/]+)\/payments$/, transactionList('payments')),
  get(/^\/operations$/, wholeList('operations')),
  get(/^\/operations\/([^/]+)$/, ({ base }, parameter, { history }) =>
    hal(operationById(parameter, history, base)),
  ),
  get(/^\/payments$/, wholeList('payments')),
  post(/^\/transactions$/, submit),
  post(/^\/transactions_async$/, submitAsync),
  get(/^\/(?:effects|order_book|paths\/strict-(?:send|receive)|trade_aggregations)$/, unsupported),
  get(/^\/(?:accounts|ledgers|transactions|operations)\/[^/]+\/effects$/, unsupported),
];

/** A part of the path as it was meant; what cannot be decoded names nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw problems.notFound();
  }
}

/** Answers one request of Horizon's API; errors come as `Problem`. */
export async function answer(exchange: Exchange, context: ApiContext): Promise<Reply | null> {
  const matching = ROUTES.filter(({ path }) => path.test(exchange.path));
  if (matching.length === 0) throw problems.notFound();
  const route = matching.find(({ method }) => method === exchange.method);
  if (route === undefined) return { status: 405, contentType: '', body: '' };
  const parameter = route.path.exec(exchange.path)?.[1] ?? '';
  return route.handler(exchange, decoded(parameter), context);
}
