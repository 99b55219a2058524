import { transitionGrid } from '@libs/kernel';

import { messageMachine } from './message.state-machine';

describe('the message machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(messageMachine)).toBe(`
        take    deliver retryLater giveUp
PENDING SENDING .       .          FAILURE
SENDING .       SUCCESS PENDING    FAILURE
SUCCESS .       .       .          .
FAILURE .       .       .          .
`);
  });

  it('ends only in SUCCESS and FAILURE', () => {
    expect(messageMachine.states.filter((state) => messageMachine.isFinal(state))).toEqual([
      'SUCCESS',
      'FAILURE',
    ]);
  });
});
