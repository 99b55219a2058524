import http from 'node:http';

import { InvariantFailedError } from '../benchmark';

const ADDRESSES = 1_000;

export interface Answer {
  readonly milliseconds: number;
  readonly body: string;
}

/** An answer that was read to its end and not kept: the load shall cost the machine little beside what it measures. */
export type Timing = Pick<Answer, 'milliseconds'>;

/** As many clients as it has connections, each of which asks again as soon as it has its answer. */
export class Load {
  private readonly agent: http.Agent;
  private asked = 0;

  constructor(
    private readonly origin: URL,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly clients: number,
  ) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  }

  /** Asks for all of these, as many at a time as there are clients; in the order of the paths. */
  async askAll(paths: readonly string[]): Promise<readonly Timing[]> {
    const timings: Timing[] = [];
    const rest = paths.entries();
    const work = async (): Promise<void> => {
      for (const [index, path] of rest) {
        timings[index] = await this.timed(path, 'leave');
      }
    };
    await Promise.all(Array.from({ length: this.clients }, work));
    return timings;
  }

  async ask(path: string): Promise<Answer> {
    return await this.timed(path, 'keep');
  }

  private async timed(path: string, bodies: 'keep' | 'leave'): Promise<Answer> {
    const startedAt = performance.now();
    const { status, body } = await this.get(path, bodies);
    if (status !== 200) {
      throw new InvariantFailedError(`GET ${path} answered ${String(status)}: ${body.slice(0, 300)}`);
    }
    return { milliseconds: performance.now() - startedAt, body };
  }

  close(): void {
    this.agent.destroy();
  }

  private async get(
    path: string,
    bodies: 'keep' | 'leave',
  ): Promise<{ readonly status: number; readonly body: string }> {
    return await new Promise((resolve, reject) => {
      const { agent, headers } = this;
      const { hostname, port } = this.origin;
      const request = http.get(
        { hostname, port, path, agent, headers: { ...headers, 'X-Forwarded-For': this.nextAddress() } },
        (response) => {
          const chunks: Buffer[] = [];
          // What is no 200 is told in the error.
          if (bodies === 'leave' && response.statusCode === 200) response.resume();
          else response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
          });
          response.on('error', reject);
        },
      );
      request.on('error', reject);
    });
  }

  /** A thousand people at their own addresses in turn, so that each stays within the limit, which is counted all the same. */
  private nextAddress(): string {
    this.asked = (this.asked + 1) % ADDRESSES;
    return `10.1.${String(this.asked >> 8)}.${String(this.asked & 255)}`;
  }
}
