import type { TenantTx } from '@libs/persistence';

/** How the payments of an organisation are put into ledger transactions. */
export interface PaymentTerms {
  /** 1 to 100: how many payments may share a ledger transaction. */
  readonly paymentsPerEnvelope: number;
  /** The most stroops that are bid per operation; null: as the environment says. */
  readonly maxBaseFee: bigint | null;
}

export const PAYMENTS_PER_ENVELOPE_MAX = 100;
export const DEFAULT_PAYMENT_TERMS: PaymentTerms = {
  paymentsPerEnvelope: PAYMENTS_PER_ENVELOPE_MAX,
  maxBaseFee: null,
};

export class PaymentTermsRepository {
  /** The defaults where the organisation is not there yet. */
  async find(tx: TenantTx): Promise<PaymentTerms> {
    const row = await tx.queryOne<PaymentTerms & Record<string, unknown>>(
      `SELECT payments_per_envelope AS "paymentsPerEnvelope", max_base_fee AS "maxBaseFee"
         FROM tenants.organizations WHERE tenant_id = $1`,
      [tx.tenantId],
    );
    return row ?? DEFAULT_PAYMENT_TERMS;
  }

  /** What is left out stays. False when the tenant has no organisation yet. */
  async change(tx: TenantTx, change: Partial<PaymentTerms>): Promise<boolean> {
    const { paymentsPerEnvelope = null, maxBaseFee } = change;
    const changed = await tx.execute(
      `UPDATE tenants.organizations
          SET payments_per_envelope = coalesce($2, payments_per_envelope),
              max_base_fee = CASE WHEN $3 THEN $4 ELSE max_base_fee END, updated_at = now()
        WHERE tenant_id = $1`,
      [tx.tenantId, paymentsPerEnvelope, maxBaseFee !== undefined, maxBaseFee ?? null],
    );
    return changed === 1;
  }
}
