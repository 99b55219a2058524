import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Problem } from './problems';
import { envelopeOf } from './submitted-form';

export interface Exchange {
  readonly method: string;
  /** Without the prefix that names a node. */
  readonly path: string;
  /** The node that was asked, from 1; `any` for whichever is next. */
  readonly node: number | 'any';
  readonly query: URLSearchParams;
  /** Where the client reached us, for links. */
  readonly base: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The envelope of a submission, read once: from a form, or from the query. */
  readonly envelope: () => Promise<string>;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const HAL = 'application/hal+json; charset=utf-8';
export const PROBLEM = 'application/problem+json; charset=utf-8';

export const hal = (json: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Reply => ({
  status,
  contentType: HAL,
  body: JSON.stringify(json),
  headers,
});

export const problemReply = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: problem.status,
  contentType: PROBLEM,
  body: JSON.stringify(problem.toJson(), null, 2),
  headers,
});

/** `/nodes/2/ledgers` is what the second node says, `/nodes/any/ledgers` what a balancer in front of all of them would. */
const NODE_PREFIX = /^\/nodes\/([1-9]|any)(?=\/|$)/;
const HOST = /^[A-Za-z0-9.[\]:_-]+$/;

/** Reads the request line, or `null` when no client of ours could have sent it. */
export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange | null {
  const host = request.headers.host ?? '';
  const base = `http://${HOST.test(host) ? host : 'localhost'}`;
  const target = request.url ?? '/';
  if (!target.startsWith('/') || target.startsWith('//') || !URL.canParse(target, base)) return null;
  const url = new URL(target, base);
  const [prefix = '', node = '1'] = NODE_PREFIX.exec(url.pathname) ?? [];
  const path = url.pathname.slice(prefix.length);
  let envelope: Promise<string> | undefined;
  return {
    method: request.method ?? 'GET',
    path: path.length > 1 ? path.replace(/\/+$/, '') : '/',
    node: node === 'any' ? node : Number(node),
    query: url.searchParams,
    base: `${url.origin}${prefix}`,
    request,
    response,
    envelope: async () => {
      envelope ??= envelopeOf(request, url.searchParams);
      return envelope;
    },
  };
}

export function send({ response }: Exchange, reply: Reply): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(reply.status, {
    'access-control-allow-origin': '*',
    'cache-control': 'no-cache, no-store, max-age=0',
    ...(reply.contentType === '' ? {} : { 'content-type': reply.contentType }),
    'content-length': String(Buffer.byteLength(reply.body)),
    ...reply.headers,
  });
  response.end(reply.body);
}
