import { transitionGrid } from '@libs/kernel';

import { tenantMachine } from './tenant.state-machine';

describe('the tenant machine', () => {
  it('allows exactly these moves', () => {
    expect(transitionGrid(tenantMachine)).toBe(`
            provision   deactivate  activate
CREATED     PROVISIONED .           .
PROVISIONED .           DEACTIVATED .
ACTIVATED   .           DEACTIVATED .
DEACTIVATED .           .           ACTIVATED
`);
  });

  it('has no final state', () => {
    expect(tenantMachine.states.filter((state) => tenantMachine.isFinal(state))).toEqual([]);
  });
});
