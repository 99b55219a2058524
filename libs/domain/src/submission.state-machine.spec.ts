import { transitionGrid } from '@libs/kernel';

import { submissionMachine } from './submission.state-machine';

describe('the submission machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(submissionMachine)).toBe(`
          sign   loseTrack settle  requeue reject withdraw
QUEUED    SIGNED .         .       .       ERROR  WITHDRAWN
SIGNED    .      UNKNOWN   SUCCESS QUEUED  ERROR  .
UNKNOWN   .      .         SUCCESS QUEUED  ERROR  .
SUCCESS   .      .         .       .       .      .
ERROR     .      .         .       .       .      .
WITHDRAWN .      .         .       .       .      .
`);
  });

  it('ends only in SUCCESS, ERROR and WITHDRAWN', () => {
    expect(submissionMachine.states.filter((state) => submissionMachine.isFinal(state))).toEqual([
      'SUCCESS',
      'ERROR',
      'WITHDRAWN',
    ]);
  });

  it('withdraws only what no attempt carries', () => {
    expect(submissionMachine.sourcesOf('withdraw')).toEqual(['QUEUED']);
  });

  it('signs again only what came back to the queue', () => {
    expect(submissionMachine.sourcesOf('sign')).toEqual(['QUEUED']);
  });
});
