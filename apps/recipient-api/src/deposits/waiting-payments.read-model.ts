import type { TenantTx } from '@libs/persistence';

import type { WaitingPayments } from './deposit-status.policy';

export interface WaitingPaymentsRow extends WaitingPayments {
  /** Of the payment that was settled last. */
  readonly ledger_transaction: string | null;
  readonly finished_at: Date | null;
}

export class WaitingPaymentsReadModel {
  /** Payments of a receiver wallet that waited at that time: made before it and not finished before it. */
  async since(tx: TenantTx, receiverWalletId: string, registeredAt: Date): Promise<WaitingPaymentsRow> {
    const row = await tx.queryOne<WaitingPaymentsRow>(
      `SELECT count(*) FILTER (WHERE status IN ('READY', 'PENDING', 'PAUSED'))::int AS open,
              count(*) FILTER (WHERE status = 'SUCCESS')::int AS paid,
              count(*) FILTER (WHERE status = 'FAILED')::int AS failed,
              (array_agg(stellar_transaction_id ORDER BY updated_at DESC) FILTER (WHERE status = 'SUCCESS'))[1] AS ledger_transaction,
              max(updated_at) FILTER (WHERE status IN ('SUCCESS', 'FAILED')) AS finished_at
         FROM disbursements.payments
        WHERE tenant_id = $1 AND receiver_wallet_id = $2 AND created_at <= $3
          AND NOT (status IN ('SUCCESS', 'FAILED', 'CANCELED') AND updated_at < $3)`,
      [tx.tenantId, receiverWalletId, registeredAt],
    );
    return row ?? { open: 0, paid: 0, failed: 0, ledger_transaction: null, finished_at: null };
  }

  /** The organisation's asset of this code (and issuer, when the wallet names one); XLM also as `native`. */
  async asset(
    tx: TenantTx,
    asset: { readonly code: string; readonly issuer: string | null },
  ): Promise<{ readonly code: string; readonly issuer: string } | null> {
    return await tx.queryOne<{ code: string; issuer: string }>(
      `SELECT code, issuer FROM catalogue.assets WHERE tenant_id = $1 AND deleted_at IS NULL
          AND code = $2 AND ($3::text IS NULL OR issuer = $3) ORDER BY created_at, id LIMIT 1`,
      [tx.tenantId, asset.code === 'native' ? 'XLM' : asset.code, asset.issuer],
    );
  }

  async assets(tx: TenantTx): Promise<{ readonly code: string; readonly issuer: string }[]> {
    return await tx.query(
      'SELECT code, issuer FROM catalogue.assets WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY code, issuer LIMIT 100',
      [tx.tenantId],
    );
  }
}
