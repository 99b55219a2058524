import { defineStateMachine } from '@libs/kernel';

/** How the key that signs for a tenant's distribution account is replaced. Its payments wait from the beginning to the end. */
export const keyRotationMachine = defineStateMachine({
  name: 'key-rotation',
  initial: ['HELD'],
  states: ['HELD', 'DRAINED', 'DONE', 'ABANDONED'],
  // prettier-ignore
  moves: {
    drain:   { from: ['HELD'],    to: 'DRAINED',   when: 'the ledger has decided about every envelope under the old key; from now on the key may change on the ledger' },
    finish:  { from: ['DRAINED'], to: 'DONE',      when: 'a node showed that the new key alone signs; the vault signs with it and the hold is lifted' },
    abandon: { from: ['HELD'],    to: 'ABANDONED', when: 'an operator gave it up before anything changed on the ledger; the hold is lifted' },
  },
});

export type KeyRotationMove = keyof typeof keyRotationMachine.moves;
export type KeyRotationStatus = (typeof keyRotationMachine.states)[number];
