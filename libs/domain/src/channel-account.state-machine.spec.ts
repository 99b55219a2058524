import { transitionGrid } from '@libs/kernel';

import { channelAccountMachine } from './channel-account.state-machine';

describe('the channel account machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(channelAccountMachine)).toBe(`
         lease  release drain    retire
FREE     LEASED .       DRAINING .
LEASED   .      FREE    DRAINING .
DRAINING .      .       .        RETIRED
RETIRED  .      .       .        .
`);
  });

  it('ends only in RETIRED', () => {
    expect(channelAccountMachine.states.filter((state) => channelAccountMachine.isFinal(state))).toEqual([
      'RETIRED',
    ]);
  });

  it('is retired only after it has drained', () => {
    expect(channelAccountMachine.sourcesOf('retire')).toEqual(['DRAINING']);
  });
});
