import type { ProtocolRules } from './protocol-rules';
import type { SubmissionStatus } from '@libs/contracts';
import { attemptMachine, submissionMachine } from '@libs/domain';
import type { StateMachine } from '@libs/kernel';

import { keyOf } from './protocol-key';
import { type Bounds, firstState, type ProtocolState } from './protocol-state';
import { type Broken, type Step, WorkerSteps } from './protocol-steps';
import { worldSteps } from './protocol-world';

export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** The first broken invariant, and the way to it; null when all held in every state. */
  readonly broken: {
    readonly invariant: Broken[0] | 'I2';
    readonly what: string;
    readonly path: readonly string[];
  } | null;
  /** The fewest ledgers in which everything can come to its end. */
  readonly ledgersToTheEnd: number | null;
}

/** Every state that can be reached within the bounds, breadth first; and whether each can still reach an end. */
export function explore(bounds: Bounds, rules: ProtocolRules, statesMax = 2_000_000): Exploration {
  const known = new Map<string, number>();
  const cameFrom: number[] = [];
  const cameBy: string[] = [];
  const into: number[][] = [];
  const ends: number[] = [];
  let steps = 0;
  const first = firstState(bounds);
  known.set(keyOf(first, bounds), 0);
  cameFrom.push(-1);
  cameBy.push('');
  into.push([]);
  const pathTo = (index: number): string[] => {
    const path: string[] = [];
    for (let at = index; at > 0; at = cameFrom[at] ?? -1) path.unshift(cameBy[at] ?? '');
    return path;
  };
  let frontier: { readonly index: number; readonly state: ProtocolState }[] = [{ index: 0, state: first }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { index, state } of frontier) {
      if (isEnd(state)) ends.push(index);
      for (const step of stepsFrom(state, rules, bounds)) {
        steps += 1;
        const violation = step.broken ?? skippedState(state, step.state);
        if (violation !== null) {
          const [invariant, what] = violation;
          const path = [...pathTo(index), step.label];
          return { states: known.size, steps, ledgersToTheEnd: null, broken: { invariant, what, path } };
        }
        const key = keyOf(step.state, bounds);
        let to = known.get(key);
        if (to === undefined) {
          to = known.size;
          if (to >= statesMax) throw new RangeError(`more than ${String(statesMax)} states`);
          known.set(key, to);
          cameFrom.push(index);
          cameBy.push(step.label);
          into.push([]);
          next.push({ index: to, state: step.state });
        }
        if (to !== index) into[to]?.push(index);
      }
    }
    frontier = next;
  }
  const stuck = firstThatCannotEnd(ends, into);
  const broken =
    stuck === null
      ? null
      : ({ invariant: 'I2', what: 'from here no end can be reached', path: pathTo(stuck) } as const);
  return { states: known.size, steps, broken, ledgersToTheEnd: fewestLedgers(ends, cameFrom, cameBy) };
}

function* stepsFrom(state: ProtocolState, rules: ProtocolRules, bounds: Bounds): Generator<Step> {
  yield* new WorkerSteps(state, rules, bounds).all();
  yield* worldSteps(state, rules, bounds);
}

const ENDS = new Set(['SUCCESS', 'ERROR', 'WITHDRAWN']);

const isEnd = ({ attempts, payments }: ProtocolState): boolean =>
  attempts.length === 0 && payments.every(({ submission }) => ENDS.has(submission));

/** I7: what a payment or an attempt is follows from what it was, by a move of its machine. */
function skippedState(from: ProtocolState, to: ProtocolState): Broken | null {
  for (const [index, { dispatch, submission }] of to.payments.entries()) {
    const before = from.payments[index];
    if (before === undefined || before.dispatch !== dispatch || to.restored !== from.restored) continue;
    if (isTakenBack(before.submission, submission, to) || isDecidedByPeople(from, submission)) continue;
    if (!follows(submissionMachine, before.submission, submission)) {
      return ['I7', `a submission is ${submission} after ${before.submission}`];
    }
  }
  for (const { id, status } of to.attempts) {
    const before = from.attempts.find((one) => one.id === id)?.status ?? status;
    if (!follows(attemptMachine, before, status)) return ['I7', `an attempt is ${status} after ${before}`];
  }
  return null;
}

/** Two moves in one database transaction: what is unsent is discarded, so it waits again, and is withdrawn. */
const isTakenBack = (
  before: SubmissionStatus,
  after: SubmissionStatus,
  { attempts, payments }: ProtocolState,
): boolean =>
  follows(submissionMachine, before, 'QUEUED') &&
  follows(submissionMachine, 'QUEUED', after) &&
  after === 'WITHDRAWN' &&
  attempts.every(({ payment }) => payments[payment]?.submission !== 'WITHDRAWN');

/** What the database has forgotten, a person finds on the ledger and writes down. */
const isDecidedByPeople = ({ restored }: ProtocolState, after: SubmissionStatus): boolean =>
  restored === 0 && after === 'SUCCESS';

const follows = <State extends string>(
  machine: StateMachine<State, string>,
  before: State,
  after: State,
): boolean =>
  before === after ||
  machine.moveNames.some(
    (move) => machine.targetOf(move) === after && machine.sourcesOf(move).includes(before),
  );

/** Walks back from the ends; what it does not meet can never end. */
function firstThatCannotEnd(ends: readonly number[], into: readonly (readonly number[])[]): number | null {
  const canEnd = new Uint8Array(into.length);
  const queue = [...ends];
  for (const one of ends) canEnd[one] = 1;
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const before of into[one] ?? []) {
      if (canEnd[before] === 1) continue;
      canEnd[before] = 1;
      queue.push(before);
    }
  }
  const stuck = canEnd.indexOf(0);
  return stuck < 0 ? null : stuck;
}

/** Breadth first finds an end by the fewest steps, which is not always by the fewest ledgers; it is a bound from above. */
function fewestLedgers(
  ends: readonly number[],
  cameFrom: readonly number[],
  cameBy: readonly string[],
): number | null {
  let fewest: number | null = null;
  for (const end of ends) {
    let ledgers = 0;
    for (let at = end; at > 0; at = cameFrom[at] ?? -1)
      if (cameBy[at]?.startsWith('a ledger') === true) ledgers += 1;
    fewest = Math.min(fewest ?? ledgers, ledgers);
  }
  return fewest;
}
