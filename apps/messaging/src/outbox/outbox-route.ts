import { isId } from '@libs/kernel';
import type { DryRunMessage, DryRunOutboxRepository, DryRunQuery } from '@libs/messages';
import type { UnitOfWork } from '@libs/persistence';
import type { IncomingMessage, ServerResponse } from 'node:http';

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;
const LOOPBACK = /^(::1|(::ffff:)?127\.[0-9.]+)$/;
const LOCAL_HOST = /^(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?$/i;

/**
 * Whether the caller sits on this machine. The Host header is looked at too: otherwise a web page could have its own
 * name resolve to 127.0.0.1 and read people's codes through the browser of whoever visits it.
 */
export function isFromThisMachine(request: IncomingMessage): boolean {
  const isLocal =
    LOOPBACK.test(request.socket.remoteAddress ?? '') && LOCAL_HOST.test(request.headers.host ?? '');
  return (
    isLocal && request.headers['x-forwarded-for'] === undefined && request.headers['forwarded'] === undefined
  );
}

/** Null: a parameter is not what it should be. */
export function outboxQueryOf(url: string): DryRunQuery | null {
  const parameters = new URL(url, 'http://localhost').searchParams;
  const since = parameters.get('since') ?? undefined;
  const before = parameters.get('before') ?? undefined;
  const limit = parameters.get('limit') ?? String(LIMIT_DEFAULT);
  if (!/^[0-9]{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > LIMIT_MAX) return null;
  if ([since, before].some((id) => id !== undefined && !isId(id))) return null;
  // An unencoded plus of a phone number arrives as a space.
  const recipient = parameters.get('recipient')?.replace(/^ (?=[0-9])/, '+');
  return { recipient, since, before, limit: Number(limit) };
}

/** `GET /outbox?recipient=&since=&before=&limit=`: what DRY_RUN kept, newest first, for callers on this machine only. */
export function outboxRoute(
  work: UnitOfWork,
  outbox: DryRunOutboxRepository,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    if (!isFromThisMachine(request)) {
      answer(response, 403, { error: 'The outbox can only be read on the machine itself.' });
      return;
    }
    const query = outboxQueryOf(request.url ?? '');
    if (query === null) {
      answer(response, 400, {
        error: 'The request was invalid in some way.',
        extras: { query: `limit is 1 to ${String(LIMIT_MAX)}; since and before are ids of messages` },
      });
      return;
    }
    const messages = await work.runSystem('list the outbox of DRY_RUN', (tx) => outbox.list(tx, query));
    answer(response, 200, {
      messages: messages.map(wireOf),
      next: nextPage(request.url ?? '', query, messages),
    });
  };
}

const wireOf = (message: DryRunMessage): object => ({
  id: message.id,
  tenant_id: message.tenantId,
  message_id: message.messageId,
  kind: message.kind,
  channel: message.channel,
  recipient: message.recipient,
  title: message.title,
  body: message.body,
  sent_at: message.sentAt.toISOString(),
});

function nextPage(url: string, query: DryRunQuery, messages: readonly DryRunMessage[]): string | null {
  const last = messages.at(-1);
  if (last === undefined || messages.length < query.limit) return null;
  const next = new URL(url, 'http://localhost');
  next.searchParams.set('before', last.id);
  return `${next.pathname}${next.search}`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
