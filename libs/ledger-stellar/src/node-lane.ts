import { UsualLatency } from './call-signal';
import { HttpSilenceError } from './http-client';
import { type CallVerdict, NodeBudget, type StartedCall } from './node-budget';

/** An envelope that is posted, or a question. */
export type LaneKind = 'submit' | 'read';

/** Envelopes leave so much of a node's places to questions: what was sent must also be found. */
const SUBMITTING_SHARE = 0.75;

type Start = (call: StartedCall) => void;

/** The calls to one node: they begin in the order of their coming, envelopes and questions by turns, as its budget allows. */
export class NodeLane {
  readonly budget: NodeBudget;
  readonly latency: UsualLatency;
  private readonly queues: Readonly<Record<LaneKind, Start[]>> = { submit: [], read: [] };
  private submitting = 0;
  private last: LaneKind = 'read';
  private timer: NodeJS.Timeout | null = null;

  constructor(options: { readonly now: () => number; readonly random: () => number }) {
    this.budget = new NodeBudget(options);
    this.latency = new UsualLatency(options.now);
  }

  get waiting(): number {
    return this.queues.submit.length + this.queues.read.length;
  }

  /** Returns when the call may begin, with what to tell of it when it has ended. Throws `HttpSilenceError`. */
  async turn(kind: LaneKind, patienceMs: number): Promise<(verdict: CallVerdict) => void> {
    const { restMs } = this.budget;
    if (restMs > patienceMs) {
      throw new HttpSilenceError(`the server is left alone for another ${seconds(restMs)} s`);
    }
    const call = await this.queued(kind, patienceMs);
    return (verdict) => {
      if (kind === 'submit') this.submitting -= 1;
      this.budget.end(call, verdict);
      this.pump();
    };
  }

  private async queued(kind: LaneKind, patienceMs: number): Promise<StartedCall> {
    return await new Promise((resolve, reject) => {
      const queue = this.queues[kind];
      const start: Start = (call) => {
        clearTimeout(patience);
        resolve(call);
      };
      const patience = setTimeout(() => {
        queue.splice(queue.indexOf(start), 1);
        reject(new HttpSilenceError(`the server had no time for it within ${seconds(patienceMs)} s`));
      }, patienceMs);
      queue.push(start);
      this.pump();
    });
  }

  /** Begins what may begin now, and comes back when more may. */
  private pump(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (;;) {
      const kind = this.next();
      if (kind === null) return;
      const waitMs = this.budget.waitMs();
      if (waitMs > 0) {
        // Until a call ends, which comes here again.
        if (waitMs === Infinity) return;
        this.timer = setTimeout(() => {
          this.pump();
        }, Math.ceil(waitMs));
        return;
      }
      if (kind === 'submit') this.submitting += 1;
      this.last = kind;
      this.queues[kind].shift()?.(this.budget.begin());
    }
  }

  private next(): LaneKind | null {
    const mostSubmitting = Math.max(1, Math.floor(this.budget.inFlightMax * SUBMITTING_SHARE));
    const maySubmit = this.queues.submit.length > 0 && this.submitting < mostSubmitting;
    const mayRead = this.queues.read.length > 0;
    if (maySubmit && mayRead) return this.last === 'read' ? 'submit' : 'read';
    if (maySubmit) return 'submit';
    return mayRead ? 'read' : null;
  }
}

const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1_000));
