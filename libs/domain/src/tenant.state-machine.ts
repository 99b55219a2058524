import { TENANT_STATUSES } from '@libs/contracts';
import { defineStateMachine } from '@libs/kernel';

/** The life of an organisation. On the operator's wire each name reads `TENANT_…`. */
export const tenantMachine = defineStateMachine({
  name: 'tenant',
  initial: ['CREATED'],
  states: TENANT_STATUSES,
  // prettier-ignore
  moves: {
    provision:  { from: ['CREATED'],                  to: 'PROVISIONED', when: 'seeds, owner and distribution account with its trustlines are there: fully usable' },
    deactivate: { from: ['PROVISIONED', 'ACTIVATED'], to: 'DEACTIVATED', when: 'an operator switched it off; a hold on it is in force' },
    activate:   { from: ['DEACTIVATED'],              to: 'ACTIVATED',   when: 'an operator switched it on again' },
  },
});

export type TenantMove = keyof typeof tenantMachine.moves;
