import { transitionGrid } from '@libs/kernel';

import { paymentMachine } from './payment.state-machine';

describe('the payment machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(paymentMachine)).toBe(`
         release pause  resume submit  settle  reject recall cancel   retry retryPaused
DRAFT    READY   .      .      .       .       .      .      CANCELED .     .
READY    .       PAUSED .      PENDING .       .      .      CANCELED .     .
PENDING  .       .      .      .       SUCCESS FAILED READY  .        .     .
PAUSED   .       .      READY  .       .       .      .      CANCELED .     .
SUCCESS  .       .      .      .       .       .      .      .        .     .
FAILED   .       .      .      .       .       .      .      .        READY PAUSED
CANCELED .       .      .      .       .       .      .      .        .     .
`);
  });

  it('ends only in SUCCESS and CANCELED', () => {
    expect(paymentMachine.states.filter((state) => paymentMachine.isFinal(state))).toEqual([
      'SUCCESS',
      'CANCELED',
    ]);
  });

  it('cancels and dispatches nothing whose money may already have left', () => {
    expect(paymentMachine.movesFrom('PENDING')).toEqual(['settle', 'reject', 'recall']);
  });

  it('never leaves SUCCESS, because the money is gone', () => {
    expect(paymentMachine.movesFrom('SUCCESS')).toEqual([]);
  });
});
