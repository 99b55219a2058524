import http from 'node:http';
import https from 'node:https';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string | undefined;
}

export interface HttpRequest {
  readonly url: string;
  /** Sent as application/x-www-form-urlencoded with POST; a GET without it. */
  readonly form?: Readonly<Record<string, string>>;
  /** For the whole exchange, waiting for a free connection included. */
  readonly timeoutMs: number;
  /** How long it may wait for its turn before it begins; as long as `timeoutMs` when it is left out. */
  readonly patienceMs?: number;
  /** It takes long by its nature, and says nothing about how busy the server is. */
  readonly isLong?: boolean;
}

/** The way to Horizon servers. The simulation puts servers of its own process in the place of the network. */
export interface HttpTransport {
  /** Throws only `HttpSilenceError`. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** An answer that is read as it comes, until `signal` aborts or the server ends it. */
  stream(url: string, signal: AbortSignal): Promise<http.IncomingMessage>;
  /** For how many milliseconds a server is better left alone, where anybody keeps count. */
  restMs?(url: string): number;
  close(): void;
}

/** There was no complete answer: refused, cut, too slow, too large. */
export class HttpSilenceError extends Error {
  override readonly name = 'HttpSilenceError';
}

const BODY_BYTES_MAX = 32 * 1024 * 1024;
const CONNECTIONS_MAX = 64;
const IDLE_CONNECTIONS_MAX = 16;

/** HTTP with connections that stay open, at most 64 to one server, and a limit on time and size of every answer. */
export class HttpClient implements HttpTransport {
  private readonly plain = new http.Agent(agentOptions);
  private readonly secure = new https.Agent(agentOptions);

  async send({ url, form, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString();
    const signal = AbortSignal.timeout(timeoutMs);
    return await new Promise((resolve, reject) => {
      const silent = (cause: unknown): void => {
        const reason = signal.aborted ? `no answer within ${String(timeoutMs)} ms` : describe(cause);
        reject(new HttpSilenceError(reason, { cause }));
      };
      const request = this.open(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        signal,
      });
      request.on('error', silent);
      request.on('response', (response) => {
        readAll(response).then(
          (text) => {
            resolve({
              status: response.statusCode ?? 0,
              body: text,
              header: (name) => {
                const value = response.headers[name.toLowerCase()];
                return Array.isArray(value) ? value[0] : value;
              },
            });
          },
          (cause: unknown) => {
            silent(cause);
          },
        );
      });
      request.end(body);
    });
  }

  async stream(url: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    return await new Promise((resolve, reject) => {
      const request = this.open(url, { method: 'GET', headers: { accept: 'text/event-stream' }, signal });
      request.on('error', (cause) => {
        reject(new HttpSilenceError(describe(cause), { cause }));
      });
      request.on('response', resolve);
      request.end();
    });
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private open(url: string, options: http.RequestOptions): http.ClientRequest {
    return url.startsWith('https:')
      ? https.request(url, { ...options, agent: this.secure })
      : http.request(url, { ...options, agent: this.plain });
  }
}

const agentOptions: http.AgentOptions = {
  keepAlive: true,
  maxSockets: CONNECTIONS_MAX,
  maxFreeSockets: IDLE_CONNECTIONS_MAX,
};

const describe = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

async function readAll(response: http.IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    // Without an encoding a response yields buffers only.
    const piece = chunk as Uint8Array;
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) {
      response.destroy();
      throw new HttpSilenceError('the answer is too large');
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}
