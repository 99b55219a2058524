import { transitionGrid } from '@libs/kernel';

import { attemptMachine } from './attempt.state-machine';

describe('the attempt machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(attemptMachine)).toBe(`
           send loseTrack apply   fail   expire  supersede  discard
STORED     SENT .         .       .      .       .          DISCARDED
SENT       .    LOST      APPLIED FAILED EXPIRED SUPERSEDED .
LOST       .    .         APPLIED FAILED EXPIRED SUPERSEDED .
APPLIED    .    .         .       .      .       .          .
FAILED     .    .         .       .      .       .          .
EXPIRED    .    .         .       .      .       .          .
SUPERSEDED .    .         .       .      .       .          .
DISCARDED  .    .         .       .      .       .          .
`);
  });

  it('ends only in APPLIED, FAILED, EXPIRED, SUPERSEDED and DISCARDED', () => {
    expect(attemptMachine.states.filter((state) => attemptMachine.isFinal(state))).toEqual([
      'APPLIED',
      'FAILED',
      'EXPIRED',
      'SUPERSEDED',
      'DISCARDED',
    ]);
  });

  it('is discarded only while it is proven unsent', () => {
    expect(attemptMachine.sourcesOf('discard')).toEqual(['STORED']);
  });
});
