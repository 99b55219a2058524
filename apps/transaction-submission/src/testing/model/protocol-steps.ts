import { attemptMachine } from '@libs/domain';

import {
  canMove,
  endOf,
  type Evidence,
  evidenceOfFate,
  EXPIRED,
  stepFor,
  SUPERSEDED,
} from './protocol-evidence';
import type { ProtocolRules } from './protocol-rules';
import {
  type AttemptState,
  type Bounds,
  copyOf,
  type EnvelopeState,
  NOBODY,
  type ProtocolState,
  type WorkerState,
} from './protocol-state';

/** The name of an invariant and what broke it. */
export type Broken = readonly [invariant: 'I1' | 'I3' | 'I7' | 'I9', what: string];

export interface Step {
  readonly label: string;
  readonly state: ProtocolState;
  readonly broken: Broken | null;
}

const REST: WorkerState = { at: 'rest' };

/** Everything that one of the workers may do next. */
export class WorkerSteps {
  private readonly steps: Step[] = [];

  constructor(
    private readonly from: ProtocolState,
    private readonly rules: ProtocolRules,
    private readonly bounds: Bounds,
  ) {}

  all(): readonly Step[] {
    for (const [index, worker] of this.from.workers.entries()) {
      this.takeOver(index);
      if (worker.at === 'rest') this.atRest(index);
      else {
        this.crash(index);
        this.goOn(index, worker);
      }
    }
    return this.steps;
  }

  private step(label: string, change: (state: ProtocolState) => Broken | null): void {
    const state = copyOf(this.from);
    const broken = change(state);
    this.steps.push({ label, state, broken });
  }

  private crash(index: number): void {
    this.step(`worker ${String(index)} dies`, (state) => {
      state.workers[index] = REST;
      for (const channel of state.channels) if (channel.owner === index) channel.owner = NOBODY;
      return null;
    });
  }

  /** A lease may expire at any time: nobody's clock is trusted. */
  private takeOver(index: number): void {
    for (const [number, { owner }] of this.from.channels.entries()) {
      if (owner === index) continue;
      this.step(`worker ${String(index)} takes channel account ${String(number)}`, (state) => {
        at(state.channels, number).owner = index;
        for (const [other, worker] of state.workers.entries()) {
          if (worker.at === 'rest') continue;
          if (worker.mine.channel === number) state.workers[other] = { ...worker, isOwner: false };
        }
        return null;
      });
    }
  }

  private atRest(index: number): void {
    for (const [number, channel] of this.from.channels.entries()) {
      if (channel.owner !== index) continue;
      const live = this.from.attempts.find((one) => one.id === channel.live);
      if (live === undefined || !this.rules.oneAttemptPerChannel) this.plan(index, number);
      if (live?.status === 'STORED') {
        this.step('what was left unsent is discarded', (state) => discard(state, live.id));
      } else if (live !== undefined) {
        for (let lag = 0; lag <= this.bounds.lag; lag += 1) this.look(live, lag);
        // A node that was reset knows nothing of ours, and its ledgers may be of any time.
        if (!this.rules.sameHistory) this.endBy(live, EXPIRED, 'a node of another history');
        this.sendAgain(index, live);
      }
    }
  }

  private plan(index: number, number: number): void {
    if (this.from.hold !== null) return;
    if (this.rules.restoreGuard && !agreesWithTheLedger(this.from)) return;
    const channel = at(this.from.channels, number);
    for (const [payment, { dispatch, submission }] of this.from.payments.entries()) {
      if (!canMove(submission, 'sign')) continue;
      // What the database knows, or what a node says, whichever is more; a node that lags knows less of what was used.
      const behind = channel.recent.filter(Boolean).length;
      for (let unseen = 0; unseen <= behind; unseen += 1) {
        const ahead = Math.max(channel.known, -unseen) + 1;
        const plan: AttemptState = {
          id: freeId(this.from),
          payment,
          dispatch,
          channel: number,
          ahead,
          left: this.bounds.lifetime,
          status: attemptMachine.initial[0] === 'STORED' ? 'STORED' : 'SENT',
          isRefused: false,
          fate: ahead <= 0 ? 'superseded' : null,
          age: 0,
        };
        this.step(`worker ${String(index)} signs payment ${String(payment)}`, (state) => {
          state.workers[index] = { at: 'planned', mine: plan, isOwner: true };
          return null;
        });
      }
    }
  }

  private goOn(index: number, worker: Exclude<WorkerState, { at: 'rest' }>): void {
    const { isOwner, mine } = worker;
    switch (worker.at) {
      case 'planned':
        if (!this.rules.storeBeforeSending) this.sendFirst(mine);
        this.store(index, mine, isOwner);
        return;
      case 'stored':
        if (!this.rules.markBeforeSending) this.sendFirst(mine);
        this.mark(index, mine, isOwner);
        return;
      case 'sending':
        this.send(index, mine, isOwner);
        return;
      case 'no-op':
        this.step('a no-op is sent', (state) => {
          const { ahead, channel, dispatch, left } = mine;
          if (ahead >= 1 && left >= 1)
            state.network.push({ id: freeId(state), payment: null, dispatch, channel, ahead, left });
          state.workers[index] = REST;
          return null;
        });
        return;
      case 'silence':
      case 'refusal':
        this.record(index, worker.at, mine);
    }
  }

  /** What the rules forbid: the first byte leaves before the database knows. */
  private sendFirst(attempt: AttemptState): void {
    if (this.from.network.some((one) => one.id === attempt.id)) return;
    this.step('an envelope leaves too early', (state) => {
      deliver(state, attempt);
      return null;
    });
  }

  private store(index: number, plan: AttemptState, isOwner: boolean): void {
    const { rules } = this;
    this.step('an attempt is stored', (state) => {
      state.workers[index] = REST;
      const payment = at(state.payments, plan.payment);
      const channel = at(state.channels, plan.channel);
      if (rules.holdsAreRead && state.hold !== null) return null;
      if (rules.ownership && !isOwner) return null;
      if (!canMove(payment.submission, 'sign')) return null;
      if (rules.dispatchNumbers && payment.dispatch !== plan.dispatch) return null;
      if (rules.oneAttemptPerChannel && channel.live !== null) return null;
      state.attempts.push({ ...plan });
      channel.live = plan.id;
      payment.submission = 'SIGNED';
      state.workers[index] = { at: 'stored', mine: plan, isOwner };
      return state.hold === null ? null : ['I9', 'an attempt was signed under a hold'];
    });
  }

  private mark(index: number, attempt: AttemptState, isOwner: boolean): void {
    const { rules } = this;
    this.step('an attempt is marked as sent', (state) => {
      state.workers[index] = REST;
      const row = state.attempts.find((one) => one.id === attempt.id);
      if (row === undefined || !attemptMachine.sourcesOf('send').includes(row.status)) return null;
      if (rules.ownership && !isOwner) return null;
      if (rules.holdsAreRead && state.hold !== null) return discard(state, row.id);
      row.status = 'SENT';
      state.workers[index] = { at: 'sending', mine: attempt, isOwner };
      return null;
    });
  }

  private send(index: number, attempt: AttemptState, isOwner: boolean): void {
    const { hold } = this.from;
    // One that no ledger can include any more may leave as often as it likes.
    const mayPay = attempt.ahead >= 1 && attempt.left >= 1;
    const broken: Broken | null =
      hold !== null && mayPay && !hold.listed.includes(attempt.payment)
        ? ['I9', 'an envelope left under a hold that did not list it']
        : null;
    const isTaken = !this.bounds.cannotPass.includes(attempt.payment);
    if (isTaken) {
      this.step('an envelope is accepted', (state) => {
        deliver(state, attempt);
        state.workers[index] = REST;
        return broken;
      });
      this.step('an envelope is taken, and the answer lost', (state) => {
        deliver(state, attempt);
        state.workers[index] = { at: 'silence', mine: attempt, isOwner };
        return broken;
      });
    }
    this.step('an envelope is lost', (state) => {
      state.workers[index] = { at: 'silence', mine: attempt, isOwner };
      return broken;
    });
    this.step('an envelope is refused', (state) => {
      state.workers[index] = { at: 'refusal', mine: attempt, isOwner };
      return broken;
    });
  }

  private record(index: number, answer: 'silence' | 'refusal', attempt: AttemptState): void {
    const { bounds, rules } = this;
    this.step(`a ${answer} is recorded`, (state) => {
      state.workers[index] = REST;
      const row = state.attempts.find((one) => one.id === attempt.id);
      if (row === undefined) return null;
      const payment = at(state.payments, row.payment);
      if (answer === 'silence') {
        if (attemptMachine.sourcesOf('loseTrack').includes(row.status)) row.status = 'LOST';
        if (canMove(payment.submission, 'loseTrack')) payment.submission = 'UNKNOWN';
        if (!rules.endBeforeSigningAgain) payment.submission = 'QUEUED';
        return null;
      }
      if (bounds.cannotPass.includes(row.payment)) row.isRefused = true;
      if (rules.refusalIsNoEvidence) return null;
      payment.submission = 'QUEUED';
      return end(state, row.id);
    });
  }

  /** Asks a node about an attempt, and ends it by what it finds. */
  private look(attempt: AttemptState, lag: number): void {
    const evidence = this.evidenceAt(attempt, lag);
    if (evidence !== null) this.endBy(attempt, evidence, `a node that is ${String(lag)} behind`);
  }

  private endBy(attempt: AttemptState, evidence: Evidence, shownBy: string): void {
    const found = endOf(attempt, at(this.from.payments, attempt.payment).submission, evidence);
    if (found === null) return;
    this.step(`${shownBy} shows: ${evidence.kind}`, (state) => {
      const payment = at(state.payments, attempt.payment);
      payment.submission = found.submission;
      const channel = at(state.channels, attempt.channel);
      if (found.sequenceUsed) channel.known = Math.max(channel.known, Math.min(0, attempt.ahead));
      end(state, attempt.id);
      if (found.submission === 'QUEUED') return null;
      payment.told = found.submission === 'SUCCESS' ? 'SUCCESS' : 'FAILED';
      if (payment.told === 'SUCCESS' && payment.paid === 0)
        return ['I3', 'SUCCESS was told and nothing was paid'];
      if (payment.told === 'FAILED' && payment.paid > 0) return ['I3', 'FAILED was told about what was paid'];
      return null;
    });
  }

  private evidenceAt(attempt: AttemptState, lag: number): Evidence | null {
    const { rules } = this;
    if (attempt.fate !== null && attempt.age >= lag) return evidenceOfFate(attempt);
    if (!rules.notFoundIsNoEvidence) return EXPIRED;
    if (!rules.supersededBySight && attempt.ahead <= 0) return SUPERSEDED;
    const left = rules.expiryByTheSameAnswer ? attempt.left + lag : attempt.left;
    return left < 0 ? EXPIRED : null;
  }

  private sendAgain(index: number, attempt: AttemptState): void {
    const { bounds, rules } = this;
    // Under a hold nothing is sent again but the no-op, which moves no money.
    const isHeld = this.from.hold !== null && rules.holdsAreRead;
    switch (stepFor(attempt)) {
      // Whatever it bids, it is an envelope of the same inner ledger transaction.
      case 'again':
      case 'bump':
      case 'renew':
      case 'outbid':
        if (isHeld) return;
        this.step('an attempt is to be sent again', (state) => {
          if (rules.ownEnvelopesOnly) state.workers[index] = { at: 'sending', mine: attempt, isOwner: true };
          else {
            const channel = state.channels.findIndex(
              (one, other) => one.live === null && other !== attempt.channel,
            );
            if (channel >= 0)
              deliver(state, { ...attempt, id: freeId(state), channel, ahead: 1, left: bounds.lifetime });
          }
          return null;
        });
        return;
      case 'no-op': {
        const isThere = this.from.network.some(
          (one) => one.payment === null && one.channel === attempt.channel,
        );
        if (!rules.noOp || isThere) return;
        this.step('a no-op is stored', (state) => {
          state.workers[index] = { at: 'no-op', mine: attempt, isOwner: true };
          return null;
        });
        return;
      }
      case 'wait':
    }
  }
}

/**
 * Whether the database knows all that the ledger shows: for so long after it forgot something that no forgotten envelope can
 * be included any more, nobody can tell; after that, a sequence number that it does not know as used gives it away.
 */
export const agreesWithTheLedger = ({ attempts, channels, restored }: ProtocolState): boolean =>
  restored === null ||
  (restored === 0 &&
    channels.every(
      ({ known }, index) =>
        known === 0 ||
        attempts.some(({ ahead, channel, fate }) => channel === index && ahead <= 0 && fate !== null),
    ));

export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`nothing at ${String(index)}`);
  return item;
}

function freeId(state: ProtocolState): number {
  const used = new Set<number>([
    ...state.attempts.map(({ id }) => id),
    ...state.network.map(({ id }) => id),
    ...state.workers.flatMap((one) => (one.at === 'rest' ? [] : [one.mine.id])),
  ]);
  let id = 0;
  while (used.has(id)) id += 1;
  return id;
}

/** Somebody out there has the envelope from now on. What no ledger can include is left out. */
function deliver(state: ProtocolState, attempt: EnvelopeState): void {
  const { ahead, channel, dispatch, id, left, payment } = attempt;
  if (ahead < 1 || left < 1 || state.network.some((one) => one.id === id)) return;
  state.network.push({ id, payment, dispatch, channel, ahead, left });
}

/** The end of an attempt: its channel account is free, whatever became of its payment. */
export function end(state: ProtocolState, id: number): null {
  state.attempts.splice(
    state.attempts.findIndex((one) => one.id === id),
    1,
  );
  for (const channel of state.channels) if (channel.live === id) channel.live = null;
  return null;
}

export function discard(state: ProtocolState, id: number): null {
  const row = state.attempts.find((one) => one.id === id);
  if (row === undefined || !attemptMachine.sourcesOf('discard').includes(row.status)) return null;
  const payment = at(state.payments, row.payment);
  if (canMove(payment.submission, 'requeue')) payment.submission = 'QUEUED';
  return end(state, id);
}
