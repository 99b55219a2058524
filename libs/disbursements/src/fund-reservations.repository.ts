import type { Asset } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

/** What is promised of one account's balance in one asset. Both only grow; their difference is what is still open. */
export interface FundReservation {
  /** In stroops. */
  readonly reserved: bigint;
  readonly released: bigint;
  /** The ledger of the last release: a balance read from an older one still holds the money that was paid. */
  readonly releasedLedger: number;
}

interface ReservationRow {
  readonly reserved: string;
  readonly released: string;
  readonly released_ledger: bigint;
}

const place = (account: string, asset: Asset): [string, string, string] => [
  account,
  asset.code,
  asset.issuer,
];

const reservationOf = (row: ReservationRow | null): FundReservation => ({
  reserved: BigInt(row?.reserved ?? 0),
  released: BigInt(row?.released ?? 0),
  releasedLedger: Number(row?.released_ledger ?? 0n),
});

/**
 * Reservations are per account and asset, not per tenant, because tenants may share the host account.
 *
 * To start: read (`read`), then the balance from a node that has ingested `releasedLedger`, then under the lock
 * (`readLocked`) require need ≤ balance − (reserved − released as first read), then `reserve`.
 */
export class FundReservations {
  async read(tx: TenantTx, account: string, asset: Asset): Promise<FundReservation> {
    return reservationOf(await tx.queryOne<ReservationRow>(SELECT, place(account, asset)));
  }

  async readLocked(tx: TenantTx, account: string, asset: Asset): Promise<FundReservation> {
    await tx.execute(
      `INSERT INTO disbursements.fund_reservations (account, asset_code, asset_issuer) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      place(account, asset),
    );
    return reservationOf(await tx.queryOne<ReservationRow>(`${SELECT} FOR UPDATE`, place(account, asset)));
  }

  async reserve(tx: TenantTx, account: string, asset: Asset, amount: bigint): Promise<void> {
    await tx.execute(
      `INSERT INTO disbursements.fund_reservations (account, asset_code, asset_issuer, reserved) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account, asset_code, asset_issuer)
       DO UPDATE SET reserved = disbursements.fund_reservations.reserved + excluded.reserved`,
      [...place(account, asset), amount],
    );
  }

  /**
   * Keeps at which base fee XLM was reserved for fees, in stroops per operation: it is released at the same one, whatever the
   * setting says by then. The caller has locked what it was promised to.
   */
  async keepBaseFee(tx: TenantTx, to: PromisedTo, baseFee: bigint): Promise<void> {
    const [table, ids] =
      'disbursementId' in to ? ['disbursements', [to.disbursementId]] : ['payments', to.paymentIds];
    await tx.execute(
      `UPDATE disbursements.${table} SET promised_base_fee = $3 WHERE tenant_id = $1 AND id = ANY($2::uuid[])`,
      [tx.tenantId, ids, baseFee],
    );
  }

  /** `ledger`: where the money left, or null when it did not leave and is simply free again. */
  async release(tx: TenantTx, release: FundRelease): Promise<void> {
    await tx.execute(
      `UPDATE disbursements.fund_reservations
          SET released = released + $4, released_ledger = greatest(released_ledger, $5)
        WHERE account = $1 AND asset_code = $2 AND asset_issuer = $3`,
      [...place(release.account, release.asset), release.amount, release.ledger ?? 0],
    );
  }
}

/** The payments of a whole disbursement, or some by themselves. */
export type PromisedTo = { readonly disbursementId: string } | { readonly paymentIds: readonly string[] };

export interface FundRelease {
  readonly account: string;
  readonly asset: Asset;
  /** In stroops. */
  readonly amount: bigint;
  readonly ledger: number | null;
}

const SELECT = `SELECT reserved, released, released_ledger FROM disbursements.fund_reservations
  WHERE account = $1 AND asset_code = $2 AND asset_issuer = $3`;

/**
 * SQL of what `keepBaseFee` has kept, for rows of payments, or groups of them, named `payments`; null for none. Asked row by row: beside
 * a join the planner would rather read all disbursements.
 */
export const baseFeeOf = (payments: string): string =>
  `coalesce(${payments}.promised_base_fee, (SELECT d.promised_base_fee FROM disbursements.disbursements d
     WHERE d.tenant_id = ${payments}.tenant_id AND d.id = ${payments}.disbursement_id))`;
