import { PAYMENT_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/**
 * The life of one payment: one recipient, one amount, one asset.
 *
 * PENDING means that the ledger may move the money at any time, so only evidence leaves it.
 */
export const paymentMachine = defineStateMachine({
  name: 'payment',
  initial: ['DRAFT', 'READY'],
  states: PAYMENT_STATUSES,
  // prettier-ignore
  moves: {
    release: { from: ['DRAFT'],                    to: 'READY',    when: 'its disbursement started (a direct payment is born READY)' },
    pause:   { from: ['READY'],                    to: 'PAUSED',   when: 'its disbursement was paused' },
    resume:  { from: ['PAUSED'],                   to: 'READY',    when: 'its disbursement was resumed' },
    submit:  { from: ['READY'],                    to: 'PENDING',  when: 'dispatched: the next dispatch number is drawn and the event written in the same database transaction' },
    settle:  { from: ['PENDING'],                  to: 'SUCCESS',  when: 'the ledger shows it (outcome of the current dispatch)' },
    reject:  { from: ['PENDING'],                  to: 'FAILED',   when: 'the ledger can never apply any attempt made for the current dispatch' },
    recall:  { from: ['PENDING'],                  to: 'READY',    when: 'withdrawn from submission in the same database transaction: no attempt is live' },
    cancel:  { from: ['DRAFT', 'READY', 'PAUSED'], to: 'CANCELED', when: 'a person, or the age limit of the organisation' },
    retry:   { from: ['FAILED'],                   to: 'READY',    when: 'a person asked for another dispatch and funds are reserved again' },
    retryPaused: { from: ['FAILED'],               to: 'PAUSED',   when: 'a person asked for another dispatch while the disbursement is paused' },
  },
});

export type PaymentMove = keyof typeof paymentMachine.moves;
