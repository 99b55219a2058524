import { transitionGrid } from '@libs/kernel';

import { disbursementMachine } from './disbursement.state-machine';

describe('the disbursement machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(disbursementMachine)).toBe(`
          upload start   pause  resume  complete  reopen
DRAFT     READY  .       .      .       .         .
READY     READY  STARTED .      .       .         .
STARTED   .      .       PAUSED .       COMPLETED .
PAUSED    .      .       .      STARTED .         .
COMPLETED .      .       .      .       .         STARTED
`);
  });

  it('has no final state', () => {
    expect(disbursementMachine.states.filter((state) => disbursementMachine.isFinal(state))).toEqual([]);
  });
});
