import { type EventOf, paymentCompletedV1 } from '@libs/contracts';
import { newId } from '@libs/kernel';

import { ACCOUNT, type Given } from './given-disbursement';

export type Completed = EventOf<typeof paymentCompletedV1>;
export type Said = Completed['data']['payments'][number];

/** What transaction-submission says of payments of a disbursement, by a ledger transaction; null for none. */
export const completedPayments = (
  { disbursementId, tenantId }: Pick<Given, 'disbursementId' | 'tenantId'>,
  payments: readonly Said[],
  hash: string | null,
): Completed => ({
  id: newId(),
  topic: paymentCompletedV1.topic,
  key: disbursementId,
  tenant_id: tenantId,
  type: 'payment-completed-success',
  version: 1,
  occurred_at: '2026-01-01T00:00:00.000Z',
  trace: '',
  data: {
    disbursement_id: disbursementId,
    ledger_transaction:
      hash === null
        ? null
        : { hash, ledger: 77, closed_at: '2026-01-01T00:00:00.000Z', source_account: ACCOUNT },
    payments: [...payments],
  },
});
