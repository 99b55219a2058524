import { AssetsRepository } from '@libs/catalogue';
import { paymentRequestedV1 } from '@libs/contracts';
import { DisbursementMoves, type LockedPayment, OutcomesRepository, PaymentMoves } from '@libs/disbursements';
import { paymentMachine } from '@libs/domain';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import type { Asset } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { Holds } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

import { CANCEL_REASON } from './payment-cancellation.service';

const NOT_FAILED = "Invalid payment ID(s) provided. All payment IDs must exist and be in the 'FAILED' state.";

/** What one asset of the retried payments needs. */
export interface AssetNeed {
  readonly asset: Asset;
  /** In stroops. */
  readonly amount: bigint;
  readonly paymentIds: readonly string[];
}

/** Failed payments, as a retry finds, counts and moves them. */
@Injectable()
export class RetriedPayments {
  constructor(
    private readonly outcomes: OutcomesRepository,
    private readonly moves: PaymentMoves,
    private readonly disbursements: DisbursementMoves,
    private readonly assets: AssetsRepository,
    private readonly holds: Holds,
    private readonly outbox: Outbox,
  ) {}

  /** Locked until the commit. Throws unless each of them is there and FAILED. */
  async failed(tx: TenantTx, ids: readonly string[]): Promise<readonly LockedPayment[]> {
    const payments = await this.outcomes.lock(tx, ids);
    if (payments.some((payment) => payment.disputed)) {
      throw new HttpProblem(409, {
        error: 'a payment is disputed: its outcomes contradict each other and a person has to resolve it',
      });
    }
    if (payments.length !== ids.length || payments.some((payment) => payment.status !== 'FAILED')) {
      throw new HttpProblem(400, { error: NOT_FAILED });
    }
    return payments;
  }

  async needsOf(tx: TenantTx, payments: readonly LockedPayment[]): Promise<readonly AssetNeed[]> {
    const needs: AssetNeed[] = [];
    for (const [assetId, group] of Map.groupBy(payments, (payment) => payment.assetId)) {
      const asset = await this.assets.find(tx, assetId);
      if (asset === null) throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
      const amount = group.reduce((sum, payment) => sum + payment.amount, 0n);
      const paymentIds = group.map((payment) => payment.id);
      needs.push({ asset: { code: asset.code, issuer: asset.issuer }, amount, paymentIds });
    }
    return needs;
  }

  /** READY, or PAUSED where the disbursement is; a completed disbursement is open again. */
  async again(tx: TenantTx, payments: readonly LockedPayment[], reason: string): Promise<void> {
    for (const [disbursementId, group] of Map.groupBy(payments, (payment) => payment.disbursementId)) {
      const ids = group.map((payment) => payment.id);
      const state = disbursementId === null ? null : await this.disbursements.lock(tx, disbursementId);
      const move = state?.status === 'PAUSED' ? 'retryPaused' : 'retry';
      await this.move(tx, move, { payments: group, reason });
      if (disbursementId !== null && state?.status === 'COMPLETED') {
        await this.disbursements.move(tx, 'reopen', disbursementId, reason);
      }
      await this.outbox.publishChunked(tx, paymentRequestedV1, {
        type: 'payment-retried',
        key: disbursementId ?? ids[0] ?? '',
        items: ids,
        toData: (chunk) => ({ payment_ids: chunk }),
      });
      for (const { id, cancelRequested } of group) {
        // Who retries wants it paid, whatever somebody wanted of the dispatch before.
        if (cancelRequested) await this.holds.release(tx, { type: 'payment', id }, CANCEL_REASON);
        const [before, after] = [{ status: 'FAILED' }, { status: paymentMachine.targetOf(move) }];
        noteChange(tx, { subjectType: 'payment', subjectId: id, before, after });
      }
    }
  }

  /** The failed ledger transaction goes from the payment into its history: the next one is another. */
  private async move(
    tx: TenantTx,
    move: 'retry' | 'retryPaused',
    { payments, reason }: { readonly payments: readonly LockedPayment[]; readonly reason: string },
  ): Promise<void> {
    const extras = {
      set: `stellar_transaction_id = NULL, stellar_operation_id = NULL, sender_address = NULL, status_message = NULL,
            cancel_requested_at = NULL`,
      values: [],
    };
    for (const [hash, group] of Map.groupBy(payments, (payment) => payment.ledgerTransactionHash)) {
      const ids = group.map((payment) => payment.id);
      const why = hash === null ? reason : `${reason} - Previous Stellar Transaction ID: ${hash}`;
      await this.moves.move(tx, move, ids, why, extras);
    }
  }
}
