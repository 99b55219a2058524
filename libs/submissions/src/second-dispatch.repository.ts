import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import type { ArrivedDispatch } from './submission';

/** Why nothing is paid for a payment that was handed over while another dispatch of it was open or paid. */
export const OTHER_DISPATCH = 'other_dispatch_open';

/** Those of these that are not there yet are there by another dispatch, which is open or paid: nothing is paid for them. */
export async function storeSecondDispatches(
  tx: TenantTx,
  dispatches: readonly ArrivedDispatch[],
): Promise<void> {
  if (dispatches.length === 0) return;
  await tx.execute(
    `INSERT INTO submissions.submissions (tenant_id, id, payment_id, dispatch, amount, destination, status, status_history,
            reason_code, trace)
     SELECT $1, d.id, d.payment_id, d.dispatch, d.amount, d.destination, 'ERROR',
            history_entry('QUEUED', $2, '') || history_entry('ERROR', $2, $4), $4, $3
       FROM unnest($5::uuid[], $6::uuid[], $7::integer[], $8::bigint[], $9::text[])
         AS d (id, payment_id, dispatch, amount, destination)
     ON CONFLICT (tenant_id, payment_id, dispatch) DO NOTHING`,
    [
      ...[tx.tenantId, tx.actor, tx.trace, OTHER_DISPATCH],
      dispatches.map(() => newId()),
      dispatches.map((one) => one.paymentId),
      dispatches.map((one) => one.dispatch),
      dispatches.map((one) => one.amount),
      dispatches.map((one) => one.destination),
    ],
  );
}
