import { defineStateMachine, transitionGrid } from './state-machine';

const door = defineStateMachine({
  name: 'door',
  initial: ['OPEN'],
  states: ['OPEN', 'SHUT', 'WALLED'],
  moves: {
    shut: { from: ['OPEN'], to: 'SHUT', when: 'somebody pushed it' },
    open: { from: ['SHUT'], to: 'OPEN', when: 'somebody pulled it' },
    wall: { from: ['OPEN', 'SHUT'], to: 'WALLED', when: 'a mason came' },
  },
});

describe('a state machine', () => {
  it('derives sources, targets and moves from its one table', () => {
    expect(door.sourcesOf('wall')).toEqual(['OPEN', 'SHUT']);
    expect(door.targetOf('open')).toBe('OPEN');
    expect(door.movesFrom('OPEN')).toEqual(['shut', 'wall']);
  });

  it('calls a state final when no move leaves it', () => {
    expect(door.states.filter((state) => door.isFinal(state))).toEqual(['WALLED']);
  });

  it('shows itself as a grid', () => {
    expect(transitionGrid(door)).toBe(`
       shut open wall
OPEN   SHUT .    WALLED
SHUT   .    OPEN WALLED
WALLED .    .    .
`);
  });

  it('refuses a state that nothing leads to', () => {
    expect(() =>
      defineStateMachine({
        name: 'gap',
        initial: ['A'],
        states: ['A', 'B'],
        moves: { stay: { from: ['A'], to: 'A', when: 'always' } },
      }),
    ).toThrow('gap: nothing leads to B');
  });
});
