import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import type { MetricsRegistry } from './metrics';

type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HealthServerOptions {
  readonly app: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** All interfaces unless it is given. */
  readonly host?: string;
  readonly version?: string;
  /** Why this process cannot serve now, one sentence each; none when it can. A throw counts as a reason. */
  readonly ready: () => Promise<readonly string[]>;
  /** What somebody has to look after while it serves, one sentence each: `/ready` shows them and stays 200. */
  readonly warnings?: () => Promise<readonly string[]>;
  readonly metrics: MetricsRegistry;
  /** Further GET routes by their exact path. */
  readonly routes?: Readonly<Record<string, Route>>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

const READY_TIMEOUT_MS = 3_000;

/** Serves `/health` (the process lives), `/ready` (it has what it needs) and `/metrics`. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const routes = new Map<string, Route>([
    ['/health', (_, response) => answer(response, 200, { status: 'pass', ...about(options) })],
    ['/ready', async (_, response) => answerReady(options, response)],
    ['/metrics', async (_, response) => answerMetrics(options.metrics, response)],
    ...Object.entries(options.routes ?? {}),
  ]);
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const route = request.method === 'GET' || request.method === 'HEAD' ? routes.get(path) : undefined;
    if (route === undefined) {
      answer(response, 404, { error: 'Resource not found.' });
      return;
    }
    Promise.resolve()
      .then(() => route(request, response))
      .catch(() => {
        if (response.headersSent) response.destroy();
        else answer(response, 500, { error: 'An internal error occurred while processing this request.' });
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const about = ({ app, version }: HealthServerOptions): Record<string, string> => ({
  service_id: app,
  ...(version === undefined ? {} : { version }),
});

async function answerReady(options: HealthServerOptions, response: ServerResponse): Promise<void> {
  const [reasons, warnings] = await Promise.all([
    reasonsOf(options.ready),
    reasonsOf(options.warnings ?? none),
  ]);
  const served = warnings.length === 0 ? 'pass' : 'warn';
  const status = reasons.length === 0 ? served : 'fail';
  answer(response, reasons.length === 0 ? 200 : 503, { status, ...about(options), reasons, warnings });
}

const none = (): Promise<readonly string[]> => Promise.resolve([]);

/** A check that hangs is an answer too. */
async function reasonsOf(ready: HealthServerOptions['ready']): Promise<readonly string[]> {
  const limit = new AbortController();
  const hangs = pause(READY_TIMEOUT_MS, ['the check of what this process needs does not end'], {
    signal: limit.signal,
    ref: false,
  }).catch(() => []);
  try {
    return await Promise.race([ready(), hangs]);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    limit.abort();
  }
}

async function answerMetrics(metrics: MetricsRegistry, response: ServerResponse): Promise<void> {
  const text = await metrics.text();
  response.writeHead(200, { 'content-type': metrics.contentType });
  response.end(text);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
