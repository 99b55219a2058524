import { MESSAGE_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of one message: an invitation, a one-time code or a mail to staff. */
export const messageMachine = defineStateMachine({
  name: 'message',
  initial: ['PENDING'],
  states: MESSAGE_STATUSES,
  // prettier-ignore
  moves: {
    take:       { from: ['PENDING'],            to: 'SENDING', when: 'a sender took it' },
    deliver:    { from: ['SENDING'],            to: 'SUCCESS', when: 'the provider accepted it' },
    retryLater: { from: ['SENDING'],            to: 'PENDING', when: 'the provider asked for patience, or the sender died; bounded' },
    giveUp:     { from: ['PENDING', 'SENDING'], to: 'FAILURE', when: 'the provider refused it, its tries are used up, or it is too old to be of use' },
  },
});

export type MessageMove = keyof typeof messageMachine.moves;
