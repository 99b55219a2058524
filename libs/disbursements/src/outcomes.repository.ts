import type { PaymentStatus } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

import type { PaymentUnderOutcome } from './outcome.policy';
import { lockDisbursementsOf, type MovedPayment, type PaymentMoves } from './payment-moves.repository';

export interface LedgerProof {
  readonly hash: string;
  readonly sourceAccount: string;
}

export interface SettledPayment {
  readonly id: string;
  readonly operationId: string | null;
}

export interface RejectedPayment {
  readonly id: string;
  readonly reasonCode: string;
}

export interface LockedPayment extends PaymentUnderOutcome {
  readonly id: string;
  readonly disbursementId: string | null;
  readonly assetId: string;
  readonly cancelRequested: boolean;
}

interface LockedRow {
  readonly id: string;
  readonly disbursement_id: string | null;
  readonly asset_id: string;
  readonly status: PaymentStatus;
  readonly dispatch: number;
  readonly amount: bigint;
  readonly stellar_transaction_id: string | null;
  readonly disputed: boolean;
  readonly cancel_requested: boolean;
}

/** Writes what became of dispatched payments. */
export class OutcomesRepository {
  constructor(private readonly moves: PaymentMoves) {}

  /** Locks disbursements, then payments, and reads the payments as they stand. */
  async lock(tx: TenantTx, ids: readonly string[]): Promise<readonly LockedPayment[]> {
    await lockDisbursementsOf(tx, ids);
    const rows = await tx.query<LockedRow>(
      `SELECT id, disbursement_id, asset_id, status, dispatch, amount, stellar_transaction_id, disputed,
              cancel_requested_at IS NOT NULL AS cancel_requested
         FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE`,
      [tx.tenantId, ids],
    );
    return rows.map((row) => ({
      id: row.id,
      disbursementId: row.disbursement_id,
      assetId: row.asset_id,
      status: row.status,
      dispatch: row.dispatch,
      amount: row.amount,
      ledgerTransactionHash: row.stellar_transaction_id,
      disputed: row.disputed,
      cancelRequested: row.cancel_requested,
    }));
  }

  /** For payments that `lock` has locked. */
  async settle(
    tx: TenantTx,
    proof: LedgerProof,
    payments: readonly SettledPayment[],
  ): Promise<readonly MovedPayment[]> {
    const ids = payments.map((payment) => payment.id);
    return await this.moves.moveLocked(tx, 'settle', ids, '', {
      set: `stellar_transaction_id = $7, sender_address = $8, stellar_operation_id = given.operation_id, status_message = NULL`,
      given: `unnest($2::uuid[], $9::text[]) AS given (id, operation_id)`,
      values: [proof.hash, proof.sourceAccount, payments.map((payment) => payment.operationId)],
    });
  }

  /** For payments that `lock` has locked. */
  async reject(
    tx: TenantTx,
    proof: LedgerProof | null,
    payments: readonly RejectedPayment[],
  ): Promise<readonly MovedPayment[]> {
    const byReason = Map.groupBy(payments, (payment) => payment.reasonCode);
    const moved: MovedPayment[] = [];
    for (const [reason, group] of byReason) {
      const ids = group.map((payment) => payment.id);
      const extras = {
        set: `stellar_transaction_id = $7, sender_address = $8, status_message = $9`,
        values: [proof?.hash ?? null, proof?.sourceAccount ?? null, reason],
      };
      moved.push(...(await this.moves.moveLocked(tx, 'reject', ids, reason, extras)));
    }
    return moved;
  }

  /** Remembers that a person wants a payment cancelled that is on its way. Once is enough. */
  async requestCancellation(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE disbursements.payments SET cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now()
        WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
  }

  /** Marks a payment as disputed: nothing applies to it any more but a person's resolution. */
  async dispute(tx: TenantTx, id: string, evidence: object): Promise<void> {
    await tx.execute(
      `UPDATE disbursements.payments
          SET disputed = true, dispute = $3, updated_at = now(),
              status_history = status_history || history_entry(status, $4, 'disputed')
        WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id, JSON.stringify(evidence), tx.actor],
    );
  }
}
