import { SUBMISSION_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/**
 * The life of a dispatched payment at transaction-submission.
 *
 * UNKNOWN is not a failure: the ledger may have taken the money, so nothing is signed again until it answered.
 */
export const submissionMachine = defineStateMachine({
  name: 'submission',
  initial: ['QUEUED', 'WITHDRAWN'],
  states: SUBMISSION_STATUSES,
  // prettier-ignore
  moves: {
    sign:      { from: ['QUEUED'],                      to: 'SIGNED',    when: 'an attempt that carries it is stored with its envelope; nothing has been sent yet' },
    loseTrack: { from: ['SIGNED'],                      to: 'UNKNOWN',   when: 'sent, and the node was silent or unclear' },
    settle:    { from: ['SIGNED', 'UNKNOWN'],           to: 'SUCCESS',   when: 'its attempt is in a closed ledger and successful' },
    requeue:   { from: ['SIGNED', 'UNKNOWN'],           to: 'QUEUED',    when: 'its attempt can never be applied, and the cause may pass or was another operation' },
    reject:    { from: ['QUEUED', 'SIGNED', 'UNKNOWN'], to: 'ERROR',     when: 'its attempt can never be applied (or none was made), and the cause will not pass' },
    withdraw:  { from: ['QUEUED'],                      to: 'WITHDRAWN', when: 'recalled while no attempt is live' },
  },
});

export type SubmissionMove = keyof typeof submissionMachine.moves;
