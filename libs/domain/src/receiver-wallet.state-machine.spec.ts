import { transitionGrid } from '@libs/kernel';

import { receiverWalletMachine } from './receiver-wallet.state-machine';

describe('the receiver wallet machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(receiverWalletMachine)).toBe(`
           invite register   unregister flag    unflagToReady unflagToRegistered
DRAFT      READY  REGISTERED .          .       .             .
READY      .      REGISTERED .          FLAGGED .             .
REGISTERED .      .          READY      FLAGGED .             .
FLAGGED    .      .          .          .       READY         REGISTERED
`);
  });

  it('has no final state', () => {
    expect(receiverWalletMachine.states.filter((state) => receiverWalletMachine.isFinal(state))).toEqual([]);
  });
});
