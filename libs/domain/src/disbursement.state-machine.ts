import { DISBURSEMENT_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of a disbursement: one file of people, one asset, one wallet provider. */
export const disbursementMachine = defineStateMachine({
  name: 'disbursement',
  initial: ['DRAFT'],
  states: DISBURSEMENT_STATUSES,
  // prettier-ignore
  moves: {
    upload:   { from: ['DRAFT', 'READY'], to: 'READY',     when: 'a valid file was published' },
    start:    { from: ['READY'],          to: 'STARTED',   when: 'an approver started it and the funds are reserved' },
    pause:    { from: ['STARTED'],        to: 'PAUSED',    when: 'a person paused it' },
    resume:   { from: ['PAUSED'],         to: 'STARTED',   when: 'a person resumed it and the funds were checked again' },
    complete: { from: ['STARTED'],        to: 'COMPLETED', when: 'its counter of open payments is 0' },
    reopen:   { from: ['COMPLETED'],      to: 'STARTED',   when: 'a failed payment is retried' },
  },
});

export type DisbursementMove = keyof typeof disbursementMachine.moves;
