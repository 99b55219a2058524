import { isNative, XLM } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { feeReserveFor } from './fee-reserve.policy';
import type { FundReservations } from './fund-reservations.repository';
import type { MovedPayment } from './payment-moves.repository';

interface AssetRow {
  readonly id: string;
  readonly code: string;
  readonly issuer: string;
}

/** Frees what was promised for payments that have ended: their amounts, and the XLM for their fees. */
export class FundsOfPayments {
  constructor(
    private readonly reservations: FundReservations,
    private readonly maxBaseFeeStroops: number,
  ) {}

  /** `ledger`: where the money left, or null when it did not leave. */
  async release(tx: TenantTx, payments: readonly MovedPayment[], ledger: number | null): Promise<void> {
    if (payments.length === 0) return;
    const account = await this.accountOf(tx);
    if (account === null) return;
    const assets = await tx.query<AssetRow>(
      `SELECT id, code, issuer FROM catalogue.assets WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY code, issuer`,
      [tx.tenantId, [...new Set(payments.map((payment) => payment.assetId))]],
    );
    // XLM comes last and once: whoever ends payments of several assets at the same moment locks in the same order.
    let xlm = feeReserveFor(payments.length, this.maxBaseFeeStroops);
    for (const { id, code, issuer } of assets) {
      const amount = payments
        .filter((payment) => payment.assetId === id)
        .reduce((sum, payment) => sum + payment.amount, 0n);
      if (isNative({ code, issuer })) xlm += amount;
      else await this.reservations.release(tx, { account, asset: { code, issuer }, amount, ledger });
    }
    await this.reservations.release(tx, { account, asset: XLM, amount: xlm, ledger });
  }

  private async accountOf(tx: TenantTx): Promise<string | null> {
    const row = await tx.queryOne<{ account: string | null }>(
      `SELECT distribution_account_address AS account FROM tenants.tenants WHERE id = $1`,
      [tx.tenantId],
    );
    return row?.account ?? null;
  }
}
