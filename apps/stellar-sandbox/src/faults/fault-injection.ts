import { setTimeout as sleep } from 'node:timers/promises';

import type { LedgerTransaction } from '../engine/envelope';
import { type Refusal, refusalXdr } from '../engine/refusals';
import { resultCodesOf } from '../engine/result-codes';
import type { History } from '../history/history';
import { participantsOf } from '../history/participants';
import { answer, type ApiContext } from '../http/api';
import { type Exchange, hal, HAL, problemReply, type Reply, send } from '../http/exchange';
import {
  Problem,
  rateLimited,
  staleHistory,
  submissionTimeout,
  timeout,
  transactionFailed,
} from '../http/problems';
import type { FaultBook } from './fault-book';
import type { FaultAction, FaultSubject } from './fault-rule';

type Response = Extract<FaultAction, { kind: 'respond' }>;

const isSubmission = ({ method, path }: Exchange): boolean =>
  method === 'POST' && (path === '/transactions' || path === '/transactions_async');

interface Submitted {
  readonly envelope: string;
  readonly transaction: LedgerTransaction | null;
}

async function submittedOf(exchange: Exchange, context: ApiContext): Promise<Submitted> {
  if (!isSubmission(exchange)) return { envelope: '', transaction: null };
  const envelope = await exchange.envelope();
  return { envelope, transaction: context.network.decode(envelope) };
}

function accountsOf(transaction: LedgerTransaction): string[] {
  const { feeSource, inner } = transaction;
  const parts = inner.operations.flatMap((operation) => [...participantsOf(operation)]);
  return [inner.source.account, feeSource.account, ...parts];
}

/** The accounts that a read is about: in the path, or those of the ledger transaction that it asks for. */
function accountsOfPath(path: string, history: History): string[] {
  const [, kind = '', name = ''] = path.split('/');
  if (kind === 'accounts') return [name];
  const record = kind === 'transactions' ? history.find(name) : undefined;
  return record === undefined ? [] : accountsOf(history.decode(record));
}

function subjectOf(exchange: Exchange, { transaction }: Submitted, context: ApiContext): FaultSubject {
  const { history } = context;
  const { method, path } = exchange;
  const accounts = transaction === null ? accountsOfPath(path, history) : accountsOf(transaction);
  return { method, path, node: context.node, accounts: new Set(accounts) };
}

function problemOf({ hash, status }: Response, { envelope, transaction }: Submitted): Problem {
  switch (status) {
    case 429:
      return rateLimited();
    case 503:
      return staleHistory();
    case 504:
      return hash && transaction !== null ? submissionTimeout(envelope, transaction.hashHex) : timeout();
    default:
      return new Problem('server_error', 'Internal Server Error', status);
  }
}

const PAGE =
  '<html>\r\n<head><title>Error</title></head>\r\n<body><center><h1>Error</h1></center></body>\r\n</html>\r\n';

function falseReply(response: Response, submitted: Submitted): Reply {
  const headers: Record<string, string> = {};
  if (response.retryAfter !== undefined) headers['retry-after'] = String(response.retryAfter);
  switch (response.body) {
    case 'problem':
      return problemReply(problemOf(response, submitted), headers);
    case 'html':
      return { status: response.status, contentType: 'text/html', body: PAGE, headers };
    case 'empty':
      return { status: response.status, contentType: 'text/plain', body: '', headers };
    case 'broken':
      return { status: response.status, contentType: HAL, body: '{"_links":{"self":{"hr', headers };
  }
}

async function trueReply(exchange: Exchange, context: ApiContext): Promise<Reply | null> {
  try {
    return await answer(exchange, context);
  } catch (error) {
    if (error instanceof Problem) return problemReply(error);
    throw error;
  }
}

/** Lets the network see as much of the request as the fault allows before it strikes. */
async function letThrough(
  when: 'before' | 'accepted' | 'included',
  exchange: Exchange,
  context: ApiContext,
  { transaction }: Submitted,
): Promise<void> {
  if (when === 'included') await trueReply(exchange, context);
  else if (when === 'accepted' && transaction !== null) context.submission.offer(transaction);
}

type Fate = Extract<FaultAction, { kind: 'late_inclusion' | 'drop' }>;

function decideFate(fate: Fate | undefined, { transaction }: Submitted, { submission }: ApiContext): void {
  if (fate === undefined || transaction === null) return;
  submission.treat(
    transaction.hashHex,
    fate.kind === 'drop' ? { kind: 'drop', how: fate.how } : { kind: 'hold', ledgers: fate.ledgers },
  );
}

function refusedReply(exchange: Exchange, transaction: LedgerTransaction, code: Refusal): Reply {
  const resultXdr = refusalXdr(code, transaction);
  if (exchange.path === '/transactions_async') {
    return hal({ error_result_xdr: resultXdr, tx_status: 'ERROR', hash: transaction.hashHex }, {}, 400);
  }
  return problemReply(
    transactionFailed({
      envelope_xdr: transaction.raw.toString('base64'),
      result_codes: resultCodesOf(resultXdr),
      result_xdr: resultXdr,
    }),
  );
}

/** Applies the fault that is drawn for a request. False when the request is to be answered as ever. */
export async function injectFault(
  exchange: Exchange,
  context: ApiContext,
  book: FaultBook,
): Promise<boolean> {
  if (book.isEmpty) return false;
  const submitted = await submittedOf(exchange, context);
  const action = book.draw(subjectOf(exchange, submitted, context));
  if (action !== null && 'fate' in action) decideFate(action.fate, submitted, context);
  switch (action?.kind) {
    case undefined:
      return false;
    case 'cut':
      await letThrough(action.when, exchange, context, submitted);
      exchange.response.destroy();
      return true;
    case 'respond':
      await letThrough(action.when, exchange, context, submitted);
      send(exchange, falseReply(action, submitted));
      return true;
    case 'delay': {
      const reply = await trueReply(exchange, context);
      await sleep(action.ms, undefined, { ref: false });
      if (reply !== null) send(exchange, reply);
      return true;
    }
    case 'late_inclusion':
    case 'drop':
      decideFate(action, submitted, context);
      return false;
    case 'refuse':
      if (submitted.transaction === null) return false;
      send(exchange, refusedReply(exchange, submitted.transaction, action.code));
      return true;
  }
}
