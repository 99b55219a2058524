import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, with a length. */
  readonly body?: string | Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Nobody answered, or only with errors that pass, for as long as the client was ready to wait. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface Patience {
  /** How long to go on trying when nobody answers, the answer is 5xx, or there were too many requests. */
  readonly totalMs: number;
  readonly answerWithinMs: number;
}

const FIRST_WAIT_MS = 150;
const WAIT_MAX_MS = 2_000;
const BODY_BYTES_MAX = 16_000_000;
const ERROR_TEXT_MAX = 300;

/** HTTP as a person with an app does it: when nobody answers, she tries again. */
export class HttpClient {
  private readonly agent: http.Agent;

  constructor(
    private readonly patience: Patience,
    connectionsMax = 64,
  ) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connectionsMax });
  }

  /** The first answer that is not a passing error. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const until = performance.now() + this.patience.totalMs;
    let last: string;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.6, WAIT_MAX_MS)) {
      try {
        const answer = await this.once(request);
        if (answer.status < 500 && answer.status !== 429) return answer;
        last = `${String(answer.status)} ${answer.text.slice(0, ERROR_TEXT_MAX)}`;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
      if (performance.now() + waitMs > until) {
        const { pathname, host } = new URL(request.url);
        throw new NoAnswerError(`${request.method ?? 'GET'} ${host}${pathname}: ${last}`);
      }
      await pause(waitMs);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private once({ method = 'GET', url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const request = http.request(
        url,
        {
          method,
          agent: this.agent,
          headers: { ...headers, ...length },
          timeout: this.patience.answerWithinMs,
        },
        (response) => {
          this.read(response).then(resolve, reject);
        },
      );
      request.once('timeout', () => request.destroy(new Error('no answer in time')));
      request.once('error', reject);
      request.end(body);
    });
  }

  private async read(response: http.IncomingMessage): Promise<HttpAnswer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response) {
      const part = chunk as Buffer;
      bytes += part.length;
      if (bytes > BODY_BYTES_MAX) throw new Error('the answer is too large');
      chunks.push(part);
    }
    if (!response.complete) throw new Error('the answer was cut off');
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    };
  }
}
