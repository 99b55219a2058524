import type { TenantTx } from '@libs/persistence';

/** A SEP-24 deposit: what a wallet started, and the receiver wallet that it led to. */
export interface Deposit {
  readonly id: string;
  readonly stellarAddress: string;
  readonly stellarMemo: string | null;
  readonly clientDomain: string;
  readonly assetCode: string;
  readonly assetIssuer: string;
  readonly lang: string;
}

export interface StoredDeposit extends Deposit {
  readonly receiverWalletId: string | null;
  readonly startedAt: Date;
  readonly registeredAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly stellar_address: string;
  readonly stellar_memo: string | null;
  readonly client_domain: string;
  readonly asset_code: string;
  readonly asset_issuer: string;
  readonly lang: string;
  readonly receiver_wallet_id: string | null;
  readonly started_at: Date;
  readonly registered_at: Date | null;
}

export class DepositRepository {
  async add(tx: TenantTx, deposit: Deposit): Promise<void> {
    await tx.execute(
      `INSERT INTO receivers.deposits (tenant_id, id, stellar_address, stellar_memo, client_domain, asset_code, asset_issuer, lang)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        tx.tenantId,
        deposit.id,
        deposit.stellarAddress,
        deposit.stellarMemo,
        deposit.clientDomain,
        deposit.assetCode,
        deposit.assetIssuer,
        deposit.lang,
      ],
    );
  }

  async find(tx: TenantTx, id: string): Promise<StoredDeposit | null> {
    const row = await tx.queryOne<Row>(
      `SELECT id, stellar_address, stellar_memo, client_domain, asset_code, asset_issuer, lang, receiver_wallet_id, started_at, registered_at
         FROM receivers.deposits WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
    if (row === null) return null;
    return {
      id: row.id,
      stellarAddress: row.stellar_address,
      stellarMemo: row.stellar_memo,
      clientDomain: row.client_domain,
      assetCode: row.asset_code,
      assetIssuer: row.asset_issuer,
      lang: row.lang,
      receiverWalletId: row.receiver_wallet_id,
      startedAt: row.started_at,
      registeredAt: row.registered_at,
    };
  }

  /** The person behind the deposit is known now. A deposit that led to somebody keeps leading there. */
  async registered(tx: TenantTx, id: string, receiverWalletId: string): Promise<void> {
    await tx.execute(
      `UPDATE receivers.deposits SET receiver_wallet_id = $3, registered_at = now()
        WHERE tenant_id = $1 AND id = $2 AND receiver_wallet_id IS NULL`,
      [tx.tenantId, id, receiverWalletId],
    );
  }
}
