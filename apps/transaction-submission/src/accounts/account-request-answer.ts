import { ledgerAccountReadyV1 } from '@libs/contracts';
import type { Outbox } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import type { AccountRequest, AccountRequestEnd } from '@libs/submissions';

/** Tells who asked what became of it, in the database transaction that knows. Told again it changes nothing there. */
export async function answerAccountRequest(
  outbox: Outbox,
  tx: TenantTx,
  { id, action }: Pick<AccountRequest, 'id' | 'action'>,
  { outcome, account, reason }: AccountRequestEnd,
): Promise<void> {
  await outbox.publish(tx, ledgerAccountReadyV1, {
    type: outcome === 'done' ? 'ledger-account-done' : 'ledger-account-refused',
    key: tx.tenantId,
    data: { request_id: id, action, account, reason },
  });
}
