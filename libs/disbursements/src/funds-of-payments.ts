import { isNative, XLM } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { feeReserveFor } from './fee-reserve.policy';
import { baseFeeOf, type FundReservations } from './fund-reservations.repository';
import type { MovedPayment } from './payment-moves.repository';

/** Payments in one asset whose fees were promised at the same rate. */
interface PromisedRow {
  readonly code: string;
  readonly issuer: string;
  readonly amount: string;
  readonly payments: bigint;
  /** Null: promised before the rate was kept. */
  readonly base_fee: bigint | null;
}

/** Frees what was promised for payments that have ended: their amounts, and the XLM for their fees. */
export class FundsOfPayments {
  /** `maxBaseFeeStroops`: per operation, for fees of which nobody has kept at which rate they were promised. */
  constructor(
    private readonly reservations: FundReservations,
    private readonly maxBaseFeeStroops: number,
  ) {}

  /** `ledger`: where the money left, or null when it did not leave. */
  async release(tx: TenantTx, payments: readonly MovedPayment[], ledger: number | null): Promise<void> {
    if (payments.length === 0) return;
    const account = await this.accountOf(tx);
    if (account === null) return;
    const promised = await this.promisedFor(tx, payments);
    // XLM comes last and once: whoever ends payments of several assets at the same moment locks in the same order.
    let xlm = 0n;
    for (const { code, issuer, amount, payments: count, base_fee: baseFee } of promised) {
      xlm += feeReserveFor(Number(count), baseFee ?? this.maxBaseFeeStroops);
      const asset = { code, issuer };
      if (isNative(asset)) xlm += BigInt(amount);
      else await this.reservations.release(tx, { account, asset, amount: BigInt(amount), ledger });
    }
    await this.reservations.release(tx, { account, asset: XLM, amount: xlm, ledger });
  }

  /** By asset, in the order in which whoever releases locks. */
  private async promisedFor(
    tx: TenantTx,
    payments: readonly MovedPayment[],
  ): Promise<readonly PromisedRow[]> {
    return await tx.query<PromisedRow & Record<string, unknown>>(
      `WITH ended AS (
         SELECT tenant_id, asset_id, disbursement_id, promised_base_fee, sum(amount) AS amount, count(*) AS payments
           FROM disbursements.payments WHERE tenant_id = $1 AND id = ANY($2::uuid[])
          GROUP BY tenant_id, asset_id, disbursement_id, promised_base_fee)
       SELECT a.code, a.issuer, ${baseFeeOf('e')} AS base_fee, sum(e.amount)::text AS amount, sum(e.payments)::bigint AS payments
         FROM ended e
         JOIN catalogue.assets a ON a.tenant_id = e.tenant_id AND a.id = e.asset_id
        GROUP BY 1, 2, 3
        ORDER BY a.code, a.issuer`,
      [tx.tenantId, payments.map(({ id }) => id)],
    );
  }

  private async accountOf(tx: TenantTx): Promise<string | null> {
    const row = await tx.queryOne<{ account: string | null }>(
      `SELECT distribution_account_address AS account FROM tenants.tenants WHERE id = $1`,
      [tx.tenantId],
    );
    return row?.account ?? null;
  }
}
