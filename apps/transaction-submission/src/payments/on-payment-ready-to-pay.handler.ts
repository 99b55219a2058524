import type { AssetsRepository } from '@libs/catalogue';
import { type EventOf, paymentCompletedV1, paymentReadyToPayV1 } from '@libs/contracts';
import type { ForeignPayments } from '@libs/disbursements';
import { done, EventHandler, type Outbox, type Outcome } from '@libs/eventing';
import { type Asset, isNative } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import type { TenantTx } from '@libs/persistence';
import {
  type ArrivedDispatch,
  OTHER_DISPATCH,
  RestoredPayments,
  type SubmissionRepository,
} from '@libs/submissions';

import { completedEvents } from '../watching/completed-events';
import { toArrived } from './arrival.policy';

/** Why a payment of another tenant is in ERROR here. */
const FOREIGN = 'payment_of_another_organisation';

type ReadyToPay = EventOf<typeof paymentReadyToPayV1>;

export interface ReadyToPayParts {
  readonly submissions: SubmissionRepository;
  readonly outbox: Outbox;
  readonly assets: AssetsRepository;
  readonly foreign: ForeignPayments;
  readonly logger: Logger;
}

/**
 * Payments were handed over: each becomes a submission, once. A payment that can never be paid as it is becomes a submission
 * in ERROR, and its outcome is told; one that was withdrawn before it came is left alone. Nothing that is wrong with one
 * holds back the others. A payment of another tenant has no outcome here, and is only logged: whoever keeps this tenant's
 * payments does not know it, and would not take the event.
 */
export class OnPaymentReadyToPayHandler extends EventHandler<typeof paymentReadyToPayV1> {
  override readonly contract = paymentReadyToPayV1;

  constructor(
    private readonly parts: ReadyToPayParts,
    private readonly restored: RestoredPayments = new RestoredPayments(),
  ) {
    super();
  }

  override async handle(tx: TenantTx, event: ReadyToPay): Promise<Outcome> {
    const { submissions, foreign } = this.parts;
    const { disbursement_id: disbursementId, asset, payments } = event.data;
    const paid: Asset = { code: asset.code, issuer: asset.issuer };
    const unknownAsset = (await this.isKnown(tx, asset)) ? null : 'asset_unknown';
    const others = await foreign.among(
      tx,
      payments.map(({ id }) => id),
    );
    const dispatches = payments.map((payment) => {
      const fault = others.has(payment.id) ? FOREIGN : unknownAsset;
      return toArrived(payment, paid, fault);
    });
    if (others.size > 0) {
      this.parts.logger.error(
        { tenantId: tx.tenantId, payments: [...others] },
        'payments of another organisation were handed over, and nothing is paid for them',
      );
    }
    const { first, repeated } = withoutRepeats(dispatches);
    const arrival = { disbursementId, assetId: asset.id, asset: paid, dispatches: first };
    const notQueued = await submissions.store(tx, arrival);
    await this.restored.holdArrived(
      tx,
      first.filter(({ fault }) => fault === null).map(({ paymentId }) => paymentId),
    );
    const changed = await submissions.refuseChanged(tx, {
      ...arrival,
      dispatches: [...notQueued, ...repeated],
    });
    for (const one of changed) {
      this.parts.logger.error(one, 'a payment was handed over again with other contents, which are ignored');
    }
    // Also when the event comes again for one that has its outcome long since: whoever asks again has missed it.
    const settled = await submissions.settled(tx, notQueued);
    for (const { paymentId, dispatch, reasonCode } of settled) {
      if (reasonCode !== OTHER_DISPATCH) continue;
      this.parts.logger.error(
        { tenantId: tx.tenantId, paymentId, dispatch },
        'a payment was handed over again while it was open or paid: nothing is paid for that',
      );
    }
    const ended = settled.filter(
      (one) => (one.status === 'ERROR' || one.attemptId !== null) && one.reasonCode !== FOREIGN,
    );
    await this.tellOutcomes(tx, ended);
    return done;
  }

  /** XLM always is. What was deleted may still be paid: disbursements that had started go on. */
  private async isKnown(tx: TenantTx, asset: ReadyToPay['data']['asset']): Promise<boolean> {
    if (isNative(asset)) return true;
    const known = await this.parts.assets.findEver(tx, asset.id);
    return known !== null && known.code === asset.code && known.issuer === asset.issuer;
  }

  private async tellOutcomes(
    tx: TenantTx,
    outcomes: Awaited<ReturnType<SubmissionRepository['settled']>>,
  ): Promise<void> {
    if (outcomes.length === 0) return;
    const { submissions, outbox } = this.parts;
    const proofs = await submissions.proofs(
      tx,
      outcomes.flatMap((one) => (one.attemptId === null ? [] : [one.attemptId])),
    );
    const events = completedEvents(outcomes, (one) => proofs.get(one.attemptId ?? '') ?? null);
    await outbox.publishAll(tx, paymentCompletedV1, events);
  }
}

/** The same payment may be named twice in one event: the first time counts. */
function withoutRepeats(dispatches: readonly ArrivedDispatch[]): {
  readonly first: readonly ArrivedDispatch[];
  readonly repeated: readonly ArrivedDispatch[];
} {
  const seen = new Set<string>();
  const isFirst = dispatches.map(({ paymentId, dispatch }) => {
    const size = seen.size;
    return seen.add(`${paymentId}|${String(dispatch)}`).size > size;
  });
  return {
    first: dispatches.filter((_, index) => isFirst[index] === true),
    repeated: dispatches.filter((_, index) => isFirst[index] !== true),
  };
}
