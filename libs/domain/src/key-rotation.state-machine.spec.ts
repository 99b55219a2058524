import { transitionGrid } from '@libs/kernel';

import { keyRotationMachine } from './key-rotation.state-machine';

describe('the key rotation machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(keyRotationMachine)).toBe(`
          drain   finish abandon
HELD      DRAINED .      ABANDONED
DRAINED   .       DONE   .
DONE      .       .      .
ABANDONED .       .      .
`);
  });

  it('cannot be given up once the ledger may have changed', () => {
    expect(keyRotationMachine.movesFrom('DRAINED')).toEqual(['finish']);
  });
});
