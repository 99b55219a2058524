import type { SystemTx, TenantTx } from '@libs/persistence';

import { baseFeeOf } from './fund-reservations.repository';

/** What is promised of an account's balance in one asset. */
export interface PromisedFunds {
  readonly account: string;
  readonly asset: string;
  /** In stroops: reserved and not released. */
  readonly promised: bigint;
}

/** What the open payments of one tenant in one asset need, whose fees were promised at the same rate. */
export interface NeededFunds {
  readonly account: string;
  readonly tenantId: string;
  readonly assetId: string;
  /** In stroops, without fees. */
  readonly amount: bigint;
  readonly payments: number;
  /** In stroops per operation; null: promised before the rate was kept. */
  readonly baseFee: bigint | null;
}

interface Row {
  readonly account: string;
  readonly asset: string | null;
  readonly tenant_id: string | null;
  readonly asset_id: string | null;
  readonly amount: string;
  readonly payments: bigint;
  readonly base_fee: bigint | null;
}

/** Reservations beside the payments that they are for, as they are at one moment. */
export class PromisedFundsRead {
  /** Both at the same moment: one statement sees one state of the database. It costs as much as there are open payments: by the index of each tenant. */
  async read(tx: SystemTx): Promise<{
    readonly promised: readonly PromisedFunds[];
    readonly needed: readonly NeededFunds[];
  }> {
    const rows = await tx.query<Row & Record<string, unknown>>(
      `SELECT r.account, ${nameOf('r.asset_code', 'r.asset_issuer')} AS asset, NULL::uuid AS tenant_id,
              NULL::uuid AS asset_id, (r.reserved - r.released)::text AS amount, 0::bigint AS payments,
              NULL::bigint AS base_fee
         FROM disbursements.fund_reservations r
        UNION ALL
       SELECT t.distribution_account_address, NULL, p.tenant_id, p.asset_id, sum(p.amount)::text, sum(p.payments)::bigint,
              ${baseFeeOf('p')}
         FROM tenants.tenants t
         CROSS JOIN LATERAL (
           SELECT o.tenant_id, o.asset_id, o.disbursement_id, o.promised_base_fee, sum(o.amount) AS amount, count(*) AS payments
             FROM disbursements.payments o
            WHERE o.tenant_id = t.id AND o.status IN ('READY', 'PENDING', 'PAUSED')
            GROUP BY 1, 2, 3, 4
            UNION ALL
           SELECT d.tenant_id, draft.asset_id, d.id, draft.promised_base_fee, draft.amount, draft.payments
             FROM disbursements.disbursements d
             CROSS JOIN LATERAL (
               SELECT o.asset_id, o.promised_base_fee, sum(o.amount) AS amount, count(*) AS payments
                 FROM disbursements.payments o
                WHERE o.tenant_id = d.tenant_id AND o.disbursement_id = d.id AND o.status = 'DRAFT'
                GROUP BY 1, 2) AS draft
            WHERE d.tenant_id = t.id AND d.status IN ('STARTED', 'PAUSED')) AS p
        WHERE t.distribution_account_address IS NOT NULL
        GROUP BY 1, 3, 4, 7`,
    );
    return {
      promised: rows.flatMap(({ account, asset, amount }) =>
        asset === null ? [] : [{ account, asset, promised: BigInt(amount) }],
      ),
      needed: rows.flatMap(
        ({ account, tenant_id: tenantId, asset_id: assetId, amount, payments, base_fee: baseFee }) =>
          tenantId === null || assetId === null
            ? []
            : [{ account, tenantId, assetId, amount: BigInt(amount), payments: Number(payments), baseFee }],
      ),
    };
  }

  /** The names of a tenant's assets by id: `XLM`, or code and issuer with a colon. */
  async assetNames(tx: TenantTx): Promise<ReadonlyMap<string, string>> {
    const rows = await tx.query<{ id: string; asset: string }>(
      `SELECT a.id, ${nameOf('a.code', 'a.issuer')} AS asset FROM catalogue.assets a WHERE a.tenant_id = $1`,
      [tx.tenantId],
    );
    return new Map(rows.map(({ id, asset }) => [id, asset]));
  }
}

function nameOf(code: string, issuer: string): string {
  return `CASE WHEN ${issuer} = '' THEN ${code} ELSE ${code} || ':' || ${issuer} END`;
}
