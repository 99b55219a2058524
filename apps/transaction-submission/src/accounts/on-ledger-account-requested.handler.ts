import { type EventOf, ledgerAccountRequestedV1 } from '@libs/contracts';
import { done, EventHandler, type Outbox, type Outcome, park } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import type { AccountRequestRepository } from '@libs/submissions';

import { answerAccountRequest } from './account-request-answer';

/**
 * A tenant's ledger account is to be made or changed. It is only written down here: the ledger is asked elsewhere. What was done long
 * ago is asked again by who has not heard of it, and answered again.
 */
export class OnLedgerAccountRequestedHandler extends EventHandler<typeof ledgerAccountRequestedV1> {
  override readonly contract = ledgerAccountRequestedV1;

  constructor(
    private readonly requests: AccountRequestRepository,
    private readonly outbox: Outbox,
  ) {
    super();
  }

  override async handle(tx: TenantTx, event: EventOf<typeof ledgerAccountRequestedV1>): Promise<Outcome> {
    const { request_id: id, action, asset } = event.data;
    if (action !== 'create-account' && asset === null) return park('a request about an asset names none');
    await this.requests.add(tx, {
      id,
      action,
      asset: asset === null ? null : { code: asset.code, issuer: asset.issuer },
    });
    const end = await this.requests.endOf(tx, id);
    if (end !== null) await answerAccountRequest(this.outbox, tx, { id, action }, end);
    return done;
  }
}
