import { AssetsRepository } from '@libs/catalogue';
import { paymentRequestedV1 } from '@libs/contracts';
import { DisbursementMoves, type LockedPayment, OutcomesRepository, PaymentMoves } from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { formatAmount } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { FundCheck, type FundsRead } from '../disbursements/fund-check.service';

const NOT_FAILED = "Invalid payment ID(s) provided. All payment IDs must exist and be in the 'FAILED' state.";

/** What one asset of the retried payments needs. */
interface AssetNeed {
  readonly asset: { readonly code: string; readonly issuer: string };
  readonly amount: bigint;
  readonly payments: number;
}

/** Asks for another dispatch of failed payments: all of them, or none. */
@Injectable()
export class PaymentRetry {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly outcomes: OutcomesRepository,
    private readonly moves: PaymentMoves,
    private readonly disbursements: DisbursementMoves,
    private readonly funds: FundCheck,
    private readonly assets: AssetsRepository,
    private readonly outbox: Outbox,
  ) {}

  async retry(caller: Caller, ids: readonly string[]): Promise<void> {
    const account = caller.tenant.distributionAccountAddress;
    if (account === null) throw new HttpProblem(400, { error: 'the distribution account is not ready yet' });
    const needs = await this.unitOfWork.run(onlyLooking(caller.context), (tx) => this.needsOf(tx, ids));
    const reads: FundsRead[] = [];
    for (const need of needs)
      reads.push(await this.funds.read(onlyLooking(caller.context), { account, ...need }));
    await this.unitOfWork.run(caller.context, async (tx) => {
      const payments = await this.failed(tx, ids);
      for (const read of reads) await this.reserve(tx, read);
      await this.again(tx, caller, payments);
      for (const { id } of payments) {
        const [before, after] = [{ status: 'FAILED' }, { status: 'READY' }];
        noteChange(tx, { subjectType: 'payment', subjectId: id, before, after });
      }
    });
  }

  private async failed(tx: TenantTx, ids: readonly string[]): Promise<readonly LockedPayment[]> {
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

  private async needsOf(tx: TenantTx, ids: readonly string[]): Promise<readonly AssetNeed[]> {
    const payments = await this.failed(tx, ids);
    const needs: AssetNeed[] = [];
    for (const [assetId, group] of Map.groupBy(payments, (payment) => payment.assetId)) {
      const asset = await this.assets.find(tx, assetId);
      if (asset === null) throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
      const amount = group.reduce((sum, payment) => sum + payment.amount, 0n);
      needs.push({ asset: { code: asset.code, issuer: asset.issuer }, amount, payments: group.length });
    }
    return needs;
  }

  private async reserve(tx: TenantTx, read: FundsRead): Promise<void> {
    const short = await this.funds.reserve(tx, read);
    if (short === null) return;
    const missing = formatAmount(short.needed + short.pending - short.balance);
    throw new HttpProblem(400, {
      error: `insufficient balance to retry: requested ${formatAmount(short.needed)} ${short.asset.code}, but only ${formatAmount(short.balance - short.pending)} available (${formatAmount(short.pending)} in pending payments). Need ${missing} more ${short.asset.code}`,
    });
  }

  /** READY, or PAUSED where the disbursement is; a completed disbursement is open again. */
  private async again(tx: TenantTx, caller: Caller, payments: readonly LockedPayment[]): Promise<void> {
    const reason = `User ${caller.user.email} has requested to retry the payment`;
    for (const [disbursementId, group] of Map.groupBy(payments, (payment) => payment.disbursementId)) {
      const ids = group.map((payment) => payment.id);
      const state = disbursementId === null ? null : await this.disbursements.lock(tx, disbursementId);
      await this.move(tx, state?.status === 'PAUSED' ? 'retryPaused' : 'retry', { payments: group, reason });
      if (disbursementId !== null && state?.status === 'COMPLETED') {
        await this.disbursements.move(tx, 'reopen', disbursementId, reason);
      }
      await this.outbox.publishChunked(tx, paymentRequestedV1, {
        type: 'payment-retried',
        key: disbursementId ?? ids[0] ?? '',
        items: ids,
        toData: (chunk) => ({ payment_ids: chunk }),
      });
    }
  }

  /** The failed ledger transaction goes from the payment into its history: the next one is another. */
  private async move(
    tx: TenantTx,
    move: 'retry' | 'retryPaused',
    { payments, reason }: { readonly payments: readonly LockedPayment[]; readonly reason: string },
  ): Promise<void> {
    const extras = {
      set: 'stellar_transaction_id = NULL, stellar_operation_id = NULL, sender_address = NULL, status_message = NULL',
      values: [],
    };
    for (const [hash, group] of Map.groupBy(payments, (payment) => payment.ledgerTransactionHash)) {
      const ids = group.map((payment) => payment.id);
      const why = hash === null ? reason : `${reason} - Previous Stellar Transaction ID: ${hash}`;
      await this.moves.move(tx, move, ids, why, extras);
    }
  }
}
