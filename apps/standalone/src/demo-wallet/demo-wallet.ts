import http from 'node:http';

import type { ClientDomainSigner } from './client-domain-signer';

const BODY_BYTES_MAX = 64_000;
const REQUEST_TIMEOUT_MS = 10_000;

export interface DemoWalletOptions {
  readonly signer: ClientDomainSigner;
  readonly networkPassphrase: string;
}

/** What the server of a wallet provider does: it says who it is, and signs challenges for its users' wallets. */
export function demoWallet(options: DemoWalletOptions): http.Server {
  const server = http.createServer((request, response) => {
    void answer(request, options).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'access-control-allow-origin': '*' });
        response.end(body);
      },
      () => {
        request.destroy();
      },
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });
const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});

async function answer(request: http.IncomingMessage, options: DemoWalletOptions): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://wallet');
  switch (`${request.method ?? ''} ${pathname}`) {
    case 'GET /health':
    case 'GET /ready':
      return text(200, 'ok\n');
    case 'GET /.well-known/stellar.toml':
      return text(
        200,
        `NETWORK_PASSPHRASE = ${JSON.stringify(options.networkPassphrase)}\nSIGNING_KEY = "${options.signer.address}"\n`,
      );
    case 'GET /invitation':
      return text(200, INVITATION);
    case 'POST /sign':
      return await sign(request, options);
    default:
      return text(404, 'Not found.\n');
  }
}

const INVITATION = `This is the demo wallet provider of Distributary.

A real invitation opens the wallet on the person's phone, and the wallet does the rest.
In the demo, simulated people do it.
`;

async function sign(request: http.IncomingMessage, { signer }: DemoWalletOptions): Promise<Answer> {
  const body = await bodyOf(request);
  if (body === undefined) return json(413, { error: 'too large' });
  const { transaction, network_passphrase: networkPassphrase } = fieldsOf(body);
  if (typeof transaction !== 'string' || typeof networkPassphrase !== 'string') {
    return json(400, { error: 'transaction and network_passphrase are required' });
  }
  const signed = signer.sign({ transaction, networkPassphrase });
  if (signed === null) return json(400, { error: 'this is not a challenge for this wallet provider' });
  return json(200, { transaction: signed, network_passphrase: networkPassphrase });
}

function fieldsOf(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** Undefined when it is larger than any challenge. */
async function bodyOf(request: http.IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk as Uint8Array);
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}
