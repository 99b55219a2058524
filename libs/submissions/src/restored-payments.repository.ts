import { parseAmount } from '@libs/kernel';
import type { SystemTx, TenantTx } from '@libs/persistence';

import type { Finding } from './finding';

/** Why a payment is held that a forgotten ledger transaction may have paid already. */
export const RESTORED_HOLD = 'restored';

interface Candidate {
  readonly tenantId: string;
  readonly paymentId: string;
  /** The finding that it may be the answer to. */
  readonly subject: string;
}

/** What a restored database has forgotten, beside what it would pay: the same amount of the same asset to the same account. */
export class RestoredPayments {
  /** By the subjects of these findings: the ids of payments that wait and that may have been paid by it. */
  async candidates(
    tx: SystemTx,
    findings: readonly Finding[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = Map.groupBy(await this.waiting(tx, findings), (one) => one.subject);
    return new Map([...found].map(([subject, own]) => [subject, own.map(({ paymentId }) => paymentId)]));
  }

  /** Payments of whichever tenant that are queued and that one of these findings may have paid. At most a thousand. */
  async waiting(tx: SystemTx, findings: readonly Finding[]): Promise<readonly Candidate[]> {
    const paid = findings.flatMap(({ subject, details }) => {
      const { to, asset, amount } = details;
      if (typeof to !== 'string' || typeof asset !== 'string' || typeof amount !== 'string') return [];
      const stroops = parseAmount(amount);
      return stroops.ok ? [{ subject, to, asset, amount: stroops.value }] : [];
    });
    if (paid.length === 0) return [];
    return await tx.query<Candidate & Record<string, unknown>>(
      `SELECT s.tenant_id AS "tenantId", s.payment_id AS "paymentId", f.subject
         FROM submissions.submissions s
         JOIN unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS f (subject, destination, asset, amount)
           ON f.destination = s.destination AND f.amount = s.amount AND f.asset = ${ASSET}
        WHERE s.status = 'QUEUED' ORDER BY s.payment_id LIMIT 1000`,
      [
        paid.map((one) => one.subject),
        paid.map((one) => one.to),
        paid.map((one) => one.asset),
        paid.map((one) => one.amount),
      ],
    );
  }

  /** Whose payment it is, where it is held for that reason. */
  async tenantsHolding(tx: SystemTx, paymentId: string): Promise<readonly string[]> {
    const rows = await tx.query<{ tenant_id: string }>(
      `SELECT tenant_id FROM submissions.holds
        WHERE subject_type = 'payment' AND subject_id = $1 AND reason = $2`,
      [paymentId, RESTORED_HOLD],
    );
    return rows.map((row) => row.tenant_id);
  }

  /**
   * Holds those of these payments that a forgotten ledger transaction may have paid already, whoever has closed the finding:
   * after a restore, payments may arrive a second time. Returns how many.
   */
  async holdArrived(tx: TenantTx, paymentIds: readonly string[]): Promise<number> {
    return await tx.execute(
      `INSERT INTO submissions.holds (tenant_id, subject_type, subject_id, reason, actor)
       SELECT DISTINCT $1::uuid, 'payment', s.payment_id, $3, $4
         FROM submissions.findings f
         JOIN submissions.submissions s ON s.tenant_id = $1 AND s.payment_id = ANY($2) AND s.status = 'QUEUED'
          AND s.destination = f.details ->> 'to' AND ${ASSET} = f.details ->> 'asset'
          AND s.amount = (f.details ->> 'amount')::numeric * 10000000
        WHERE f.kind = 'restored-payment' AND f.found_at > now() - interval '90 days'
          AND NOT EXISTS (SELECT FROM submissions.operator_decisions d
                           WHERE d.kind = 'pay-after-restore' AND d.subject = s.payment_id::text)
       ON CONFLICT DO NOTHING`,
      [tx.tenantId, paymentIds, RESTORED_HOLD, tx.actor],
    );
  }
}

/** An asset as findings name it. */
const ASSET = `(CASE WHEN s.asset_issuer = '' THEN s.asset_code ELSE s.asset_code || ':' || s.asset_issuer END)`;
