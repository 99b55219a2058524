import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { answer, type ApiContext } from './api';
import { type Exchange, exchangeOf, problemReply, send } from './exchange';
import { notAcceptable, notFound, Problem } from './problems';

/** Stands between the network's API and a client: the control API and the faults. */
export interface Intermediary {
  /** Answers by itself and returns true, or lets the API answer. */
  readonly intercept: (exchange: Exchange, context: ApiContext) => Promise<boolean>;
}

const ACCEPTED = /\*\/\*|application\/(?:hal\+)?json|application\/\*|text\/event-stream/;

async function respond(exchange: Exchange, context: ApiContext, intermediary: Intermediary): Promise<void> {
  try {
    if (await intermediary.intercept(exchange, context)) return;
    const { accept } = exchange.request.headers;
    if (accept !== undefined && accept !== '' && !ACCEPTED.test(accept)) throw notAcceptable();
    const reply = await answer(exchange, context);
    if (reply !== null) send(exchange, reply);
  } catch (error) {
    // A missing account is missing in some ledger, and the client may want to know in which.
    const headers = exchange.path.startsWith('/accounts/')
      ? { 'latest-ledger': String(context.history.latestSequence) }
      : {};
    send(exchange, problemReply(error instanceof Problem ? error : unexpected(error), headers));
  }
}

function unexpected(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${JSON.stringify({ level: 'error', message: 'request failed', detail })}\n`);
  return new Problem('server_error', 'Internal Server Error', 500, {
    detail: 'An error occurred while processing this request.',
  });
}

/** `contextOf` says what the node that was asked answers from; null when there is no such node. */
export function serve(
  contextOf: (exchange: Exchange) => ApiContext | null,
  intermediary: Intermediary,
): Server {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = exchangeOf(request, response);
    const context = exchange === null ? null : contextOf(exchange);
    if (exchange === null) response.writeHead(400).end();
    else if (context === null) send(exchange, problemReply(notFound()));
    else void respond(exchange, context, intermediary);
  };
  const server = createServer(handle);
  // A submission may wait for thirty seconds, and a stream lives for almost a minute.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  return server;
}

export async function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
