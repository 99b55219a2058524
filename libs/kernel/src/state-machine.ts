import { invariant } from './invariant';

export interface Move<State extends string> {
  readonly from: readonly State[];
  readonly to: State;
  /** The cause, as a person would say it. Shown in the generated diagrams. */
  readonly when: string;
}

export interface StateMachineDefinition<State extends string, MoveName extends string> {
  readonly name: string;
  readonly initial: readonly State[];
  readonly states: readonly State[];
  readonly moves: Readonly<Record<MoveName, Move<State>>>;
}

export interface StateMachine<State extends string, MoveName extends string> extends StateMachineDefinition<
  State,
  MoveName
> {
  readonly moveNames: readonly MoveName[];
  /** The states a move may leave: what goes into `WHERE status = ANY(…)`. */
  sourcesOf(move: MoveName): readonly State[];
  targetOf(move: MoveName): State;
  movesFrom(state: State): readonly MoveName[];
  /** A state is final when no move leaves it. */
  isFinal(state: State): boolean;
}

/**
 * Makes a state machine from one table of moves.
 *
 * Everything else (final states, sources of a guarded update, diagrams, the test grid) is derived from the
 * table. A table that names an unknown state, or has a state that nothing leads to, is refused at import.
 */
export function defineStateMachine<const State extends string, const MoveName extends string>(
  definition: StateMachineDefinition<State, MoveName>,
): StateMachine<State, MoveName> {
  const { name, states, moves, initial } = definition;
  // Object.keys forgets the key type; the record's keys are exactly MoveName.
  const moveNames = Object.keys(moves) as MoveName[];
  const movesFrom = (state: State): MoveName[] =>
    moveNames.filter((move) => moves[move].from.includes(state));

  for (const move of moveNames) {
    for (const state of [...moves[move].from, moves[move].to]) {
      invariant(states.includes(state), `${name}: move ${move} names the unknown state ${state}`);
    }
  }
  const reached = new Set<State>(initial);
  for (const state of reached) {
    for (const move of movesFrom(state)) reached.add(moves[move].to);
  }
  for (const state of states) invariant(reached.has(state), `${name}: nothing leads to ${state}`);

  return {
    ...definition,
    moveNames,
    sourcesOf: (move) => moves[move].from,
    targetOf: (move) => moves[move].to,
    movesFrom,
    isFinal: (state) => movesFrom(state).length === 0,
  };
}

/** The whole machine as a text grid, states down and moves across, so that a test can pin every pair. */
export function transitionGrid<State extends string, MoveName extends string>(
  machine: StateMachine<State, MoveName>,
): string {
  const columns = machine.moveNames;
  const cells = machine.states.map((state) =>
    columns.map((move) => (machine.moves[move].from.includes(state) ? machine.targetOf(move) : '.')),
  );
  const width = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length));
  const first = width(machine.states);
  const widths = columns.map((move, index) => width([move, ...cells.map((row) => row[index] ?? '')]));
  const line = (head: string, row: readonly string[]): string =>
    [head.padEnd(first), ...row.map((cell, index) => cell.padEnd(widths[index] ?? 0))].join(' ').trimEnd();
  return [
    '',
    line('', columns),
    ...machine.states.map((state, index) => line(state, cells[index] ?? [])),
    '',
  ].join('\n');
}
