import { submissionMachine } from '@libs/domain';

import { canMove } from './protocol-evidence';
import type { ProtocolRules } from './protocol-rules';
import { type Bounds, copyOf, type EnvelopeState, type ProtocolState } from './protocol-state';
import { agreesWithTheLedger, at, type Broken, discard, end, type Step } from './protocol-steps';
const OVER = new Set(['SUCCESS', 'ERROR', 'WITHDRAWN']);

/** Everything that happens to the workers: ledgers, people, events that come again, and a database that forgets. */
export function worldSteps(from: ProtocolState, rules: ProtocolRules, bounds: Bounds): readonly Step[] {
  const steps: Step[] = closings(from, bounds);
  for (const [index, payment] of from.payments.entries()) {
    if (payment.dispatch < bounds.dispatchesMax) {
      // Where dispatches have no number, an event that comes again cannot be told from a new order.
      if (!rules.dispatchNumbers && OVER.has(payment.submission)) {
        steps.push(next(from, index, 'the event comes again'));
      }
      if (bounds.people) steps.push(...pressedOn(from, index, rules));
    }
  }
  if (bounds.people) steps.push(from.hold === null ? hold(from) : release(from));
  if (bounds.forgets) steps.push(...forgetting(from, bounds));
  return steps;
}

/** What a person may do about one payment: recall it, cancel it, or have it tried again. */
function pressedOn(from: ProtocolState, index: number, rules: ProtocolRules): Step[] {
  const steps: Step[] = [];
  const name = `payment ${String(index)}`;
  if (at(from.payments, index).submission === 'ERROR') steps.push(next(from, index, 'is tried again'));
  // What the database has forgotten may still be paid: it takes nothing back before it agrees with the ledger.
  if (rules.restoreGuard && !agreesWithTheLedger(from)) return steps;
  const state = copyOf(from);
  for (const { id, payment, status } of from.attempts) {
    if (payment === index && status === 'STORED') discard(state, id);
  }
  const payment = at(state.payments, index);
  if (!canMove(payment.submission, 'withdraw')) return steps;
  payment.submission = submissionMachine.targetOf('withdraw');
  steps.push({ label: `${name} is cancelled`, state, broken: null });
  steps.push(next(state, index, 'is recalled and handed over again'));
  return steps;
}

/** Core draws the next dispatch number and hands the payment over again. */
function next(from: ProtocolState, index: number, why: string): Step {
  const state = copyOf(from);
  const payment = at(state.payments, index);
  payment.dispatch += 1;
  payment.submission = 'QUEUED';
  payment.told = null;
  return { label: `payment ${String(index)} ${why}`, state, broken: null };
}

function hold(from: ProtocolState): Step {
  const state = copyOf(from);
  for (const { id, status } of from.attempts) if (status === 'STORED') discard(state, id);
  const listed = state.attempts.map((one) => one.payment).sort((a, b) => a - b);
  state.hold = { listed };
  return { label: 'everything is held', state, broken: null };
}

function release(from: ProtocolState): Step {
  const state = copyOf(from);
  state.hold = null;
  return { label: 'the hold is lifted', state, broken: null };
}

/** Once, the database may be one that never heard of the attempt that was stored last; then people look at what it lacks. */
function forgetting(from: ProtocolState, { lag, lifetime }: Bounds): Step[] {
  if (from.restored !== null) return from.restored === 0 ? foundByPeople(from) : [];
  return from.attempts.map((attempt) => {
    const state = copyOf(from);
    state.restored = lifetime + lag + 1;
    end(state, attempt.id);
    at(state.payments, attempt.payment).submission = 'QUEUED';
    // Every process hears of it: its connection broke.
    state.workers.splice(0, state.workers.length, ...state.workers.map(() => ({ at: 'rest' as const })));
    return { label: 'the database forgets an attempt', state, broken: null };
  });
}

/** A sequence number that nobody knows of is shown to a person, who finds on the ledger whom it paid. */
function foundByPeople(from: ProtocolState): Step[] {
  if (agreesWithTheLedger(from)) return [];
  const state = copyOf(from);
  for (const channel of state.channels) if (channel.live === null) channel.known = 0;
  for (const payment of state.payments) {
    if (payment.paid === 0 || payment.submission !== 'QUEUED') continue;
    payment.submission = 'SUCCESS';
    payment.told = 'SUCCESS';
  }
  return [{ label: 'a person finds what was forgotten', state, broken: null }];
}

interface Choice {
  readonly envelope: EnvelopeState;
  readonly succeeds: boolean;
}

/** Every ledger that the network may close next: for each channel account one of its envelopes, or none. */
function closings(from: ProtocolState, bounds: Bounds): Step[] {
  let choices: (readonly Choice[])[] = [[]];
  for (const number of from.channels.keys()) {
    const candidates = from.network
      .filter((one) => one.channel === number && one.ahead === 1 && one.left >= 1)
      .flatMap((envelope): Choice[] => {
        const failing = envelope.payment !== null && bounds.mayFail.includes(envelope.payment);
        return [{ envelope, succeeds: true }, ...(failing ? [{ envelope, succeeds: false }] : [])];
      });
    choices = choices.flatMap((chosen) => [chosen, ...candidates.map((one) => [...chosen, one])]);
  }
  return choices.map((chosen) => close(from, chosen, bounds.lag));
}

function close(from: ProtocolState, chosen: readonly Choice[], lag: number): Step {
  const state = copyOf(from);
  let broken: Broken | null = null;
  const [leftMin, aheadMin] = [-1 - lag, -lag];
  for (const attempt of state.attempts) attempt.age = Math.min(lag, attempt.age + 1);
  for (const [number, channel] of state.channels.entries()) {
    const choice = chosen.find((one) => one.envelope.channel === number);
    channel.recent = [choice !== undefined, ...channel.recent].slice(0, lag);
    if (choice === undefined) continue;
    broken = pay(state, choice) ?? broken;
    channel.known = Math.max(aheadMin, channel.known - 1);
    for (const attempt of state.attempts) {
      if (attempt.channel !== number) continue;
      if (attempt.ahead === 1) {
        attempt.fate = fateOf(attempt.id, choice);
        attempt.age = 0;
      }
      attempt.ahead = Math.max(aheadMin, attempt.ahead - 1);
    }
    for (const envelope of state.network) if (envelope.channel === number) envelope.ahead -= 1;
  }
  for (const one of [...state.attempts, ...state.network]) one.left = Math.max(leftMin, one.left - 1);
  state.workers.splice(0, state.workers.length, ...state.workers.map((one) => older(one, chosen, lag)));
  if (state.restored !== null) state.restored = Math.max(0, state.restored - 1);
  const alive = state.network.filter(({ ahead, left }) => ahead >= 1 && left >= 1);
  state.network.splice(0, state.network.length, ...alive);
  return { label: `a ledger closes with ${String(chosen.length)} of ours`, state, broken };
}

const fateOf = (id: number, { envelope, succeeds }: Choice): 'applied' | 'failed' | 'superseded' => {
  if (envelope.id !== id) return 'superseded';
  return succeeds ? 'applied' : 'failed';
};

function pay(state: ProtocolState, { envelope, succeeds }: Choice): Broken | null {
  if (envelope.payment === null || !succeeds) return null;
  const payment = at(state.payments, envelope.payment);
  payment.paid += 1;
  if (payment.paid > 1) return ['I1', `payment ${String(envelope.payment)} is paid twice`];
  if (payment.told === 'FAILED') return ['I3', 'what was told as FAILED is paid'];
  if (payment.submission === 'WITHDRAWN') return ['I3', 'what was taken back is paid'];
  return envelope.dispatch === payment.dispatch ? null : ['I3', 'a dispatch that is over is paid'];
}

/** What a worker remembers grows older as well: bounds and sequence numbers do not move on with the ledger. */
function older(
  worker: ProtocolState['workers'][number],
  chosen: readonly Choice[],
  lag: number,
): typeof worker {
  if (worker.at === 'rest') return worker;
  const { mine } = worker;
  const choice = chosen.find((one) => one.envelope.channel === mine.channel);
  const used = choice !== undefined && mine.ahead === 1;
  return {
    ...worker,
    mine: {
      ...mine,
      left: Math.max(-1 - lag, mine.left - 1),
      ahead: Math.max(-lag, mine.ahead - (choice === undefined ? 0 : 1)),
      fate: used ? fateOf(mine.id, choice) : mine.fate,
      age: used ? 0 : Math.min(lag, mine.age + 1),
    },
  };
}
