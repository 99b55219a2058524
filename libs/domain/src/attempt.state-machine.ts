import { ATTEMPT_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of one inner ledger transaction. Its four ends need evidence; DISCARDED needs proof that it was never sent. */
export const attemptMachine = defineStateMachine({
  name: 'attempt',
  initial: ['STORED'],
  states: ATTEMPT_STATUSES,
  // prettier-ignore
  moves: {
    send:      { from: ['STORED'],       to: 'SENT',       when: 'committed before its first byte leaves' },
    loseTrack: { from: ['SENT'],         to: 'LOST',       when: 'the node was silent or unclear' },
    apply:     { from: ['SENT', 'LOST'], to: 'APPLIED',    when: 'its inner hash is in a closed ledger, successful' },
    fail:      { from: ['SENT', 'LOST'], to: 'FAILED',     when: 'its inner hash is in a closed ledger, unsuccessful' },
    expire:    { from: ['SENT', 'LOST'], to: 'EXPIRED',    when: 'one answer proved that its time has passed with its sequence unused' },
    supersede: { from: ['SENT', 'LOST'], to: 'SUPERSEDED', when: 'another inner hash with its source account and sequence is in a closed ledger' },
    discard:   { from: ['STORED'],       to: 'DISCARDED',  when: 'held, withdrawn or given up before it was sent' },
  },
});

export type AttemptMove = keyof typeof attemptMachine.moves;
