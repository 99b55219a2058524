import type { IncomingMessage } from 'node:http';

import { verdictOf } from './call-signal';
import { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
import type { CallVerdict } from './node-budget';
import { type LaneKind, NodeLane } from './node-lane';
import { reasonIn } from './problem-codes';

/** A call that ended: a question, an envelope, or a connection for a stream. */
export interface EndedCall {
  readonly node: string;
  readonly kind: LaneKind | 'stream';
  /** Of the answer; 0 when there was none. */
  readonly status: number;
  /** What an unsuccessful answer to an envelope names as the reason, e.g. `tx_bad_seq`; empty otherwise. */
  readonly reason: string;
  readonly seconds: number;
}

/** What one node gets at present. */
export interface BudgetState {
  readonly node: string;
  readonly inFlight: number;
  readonly inFlightMax: number;
  readonly perSecondMax: number;
  readonly waiting: number;
  readonly restSeconds: number;
}

export interface PacedTransportOptions {
  readonly http: HttpTransport;
  /** The addresses of the nodes, as the reader and the submitter know them. */
  readonly nodes: readonly string[];
  readonly onCall?: (call: EndedCall) => void;
  readonly random?: () => number;
}

const OVERLOADED: CallVerdict = { signal: 'overloaded', retryAfterMs: null };

/**
 * Gives each node what it can take and no more: one budget for all that is asked of it, questions and envelopes alike,
 * whoever asks in this process.
 */
export class PacedTransport implements HttpTransport {
  private readonly lanes: ReadonlyMap<string, NodeLane>;
  private readonly now = (): number => performance.now();

  constructor(private readonly options: PacedTransportOptions) {
    const { random = Math.random } = options;
    this.lanes = new Map(
      options.nodes.map((url) => [url.replace(/\/+$/, ''), new NodeLane({ now: this.now, random })]),
    );
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const found = this.laneOf(request.url);
    if (found === null) return await this.options.http.send(request);
    const { node, lane } = found;
    const kind = request.form === undefined ? 'read' : 'submit';
    const end = await lane.turn(kind, request.patienceMs ?? request.timeoutMs);
    const startedAt = this.now();
    let status = 0;
    let reason = '';
    let verdict = OVERLOADED;
    try {
      const answer = await this.options.http.send(request);
      const milliseconds = this.now() - startedAt;
      const isSlow = request.isLong !== true && lane.latency.isSlow(milliseconds);
      ({ status } = answer);
      if (kind === 'submit' && status >= 400) reason = reasonIn(answer.body);
      verdict = verdictOf(answer, isSlow, Date.now);
      return answer;
    } finally {
      end(verdict);
      this.options.onCall?.({ node, kind, status, reason, seconds: (this.now() - startedAt) / 1_000 });
    }
  }

  /** A stream takes no place among the calls, but a node that is left alone is left alone by streams too. */
  async stream(url: string, signal: AbortSignal): Promise<IncomingMessage> {
    const found = this.laneOf(url);
    if (found === null) return await this.options.http.stream(url, signal);
    const { node, lane } = found;
    const { restMs } = lane.budget;
    if (restMs > 0) throw new HttpSilenceError('the server is left alone for a while');
    const startedAt = this.now();
    const heard = (status: number, verdict: CallVerdict): void => {
      lane.budget.heard({ at: startedAt }, verdict);
      const seconds = (this.now() - startedAt) / 1_000;
      this.options.onCall?.({ node, kind: 'stream', status, reason: '', seconds });
    };
    try {
      const response = await this.options.http.stream(url, signal);
      const status = response.statusCode ?? 0;
      const header = (name: string): string | undefined => {
        const value = response.headers[name];
        return Array.isArray(value) ? value[0] : value;
      };
      heard(status, verdictOf({ status, body: '', header }, false, Date.now));
      return response;
    } catch (cause) {
      if (!signal.aborted) heard(0, OVERLOADED);
      throw cause;
    }
  }

  restMs(url: string): number {
    return this.laneOf(url)?.lane.budget.restMs ?? 0;
  }

  /** What each node gets at present, in the order in which they were given. */
  budgets(): readonly BudgetState[] {
    return [...this.lanes].map(([node, { budget, waiting }]) => ({
      node,
      inFlight: budget.inFlight,
      inFlightMax: budget.inFlightMax,
      perSecondMax: budget.perSecondMax,
      waiting,
      restSeconds: budget.restMs / 1_000,
    }));
  }

  close(): void {
    this.options.http.close();
  }

  private laneOf(url: string): { readonly node: string; readonly lane: NodeLane } | null {
    let best: { readonly node: string; readonly lane: NodeLane } | null = null;
    for (const [node, lane] of this.lanes) {
      const isBelow = url === node || url.startsWith(`${node}/`) || url.startsWith(`${node}?`);
      if (isBelow && node.length > (best?.node.length ?? -1)) best = { node, lane };
    }
    return best;
  }
}
