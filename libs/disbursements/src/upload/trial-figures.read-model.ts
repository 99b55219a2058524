import { paymentMachine } from '@libs/domain';
import type { DisbursementStatus, PaymentStatus } from '@libs/contracts';
import { invariant } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import { PUBLISH_TABLE } from '@libs/receivers';

/** What the lines of a copied file come to, as far as each of them could be read. Sums in stroops. */
export interface TrialFigures {
  readonly payments: number;
  readonly total: bigint;
  /** Null without payments, like the two below. */
  readonly smallest: bigint | null;
  readonly largest: bigint | null;
  readonly median: bigint | null;
  readonly newReceivers: number;
  readonly knownReceivers: number;
  /** Lines with a person of an earlier line. */
  readonly duplicates: number;
  /** People of the file whom other disbursements will pay as well, and those disbursements, most of these people first. */
  readonly awaited: { readonly receivers: number; readonly disbursements: readonly AwaitedIn[] };
  /** People of the file who were paid since a moment. */
  readonly recentlyPaid: number;
  /** Payments more than so many times the median, or less than that part of it; the first of them. */
  readonly unusual: { readonly payments: number; readonly first: readonly UnusualPayment[] };
}

export interface AwaitedIn {
  readonly id: string;
  readonly name: string;
  readonly status: DisbursementStatus;
  readonly receivers: number;
}

export interface UnusualPayment {
  readonly line: number;
  readonly externalId: string;
  readonly amount: bigint;
}

interface SumRow {
  readonly payments: number;
  readonly total: string;
  readonly smallest: bigint | null;
  readonly largest: bigint | null;
  readonly median: bigint | null;
  readonly new_receivers: number;
  readonly known_receivers: number;
}

export const TIMES_THE_MEDIAN = 10;
const SHOWN_MAX = 20;
const UNPAID: readonly PaymentStatus[] = paymentMachine.states.filter(
  (status) => status !== 'SUCCESS' && status !== 'FAILED' && status !== 'CANCELED',
);
const KNOWN = `(SELECT DISTINCT receiver_id FROM ${PUBLISH_TABLE} WHERE known)`;

/** Reads the TEMP table of a copied file whose people are matched, beside what is stored of them. */
export class TrialFiguresReadModel {
  async read(
    tx: TenantTx,
    asked: { readonly disbursementId: string; readonly paidSince: Date },
  ): Promise<TrialFigures> {
    const sums = await this.sums(tx);
    const [lines] = await tx.query<{ duplicates: number }>(
      `SELECT (count(*) - count(DISTINCT contact))::integer AS duplicates FROM ${PUBLISH_TABLE}`,
    );
    const [paid] = await tx.query<{ receivers: number }>(
      `SELECT count(*)::integer AS receivers FROM ${KNOWN} u WHERE EXISTS (
         SELECT FROM disbursements.payments p
          WHERE p.tenant_id = $1 AND p.receiver_id = u.receiver_id AND p.status = 'SUCCESS' AND p.updated_at >= $2)`,
      [tx.tenantId, asked.paidSince],
    );
    return {
      payments: sums.payments,
      total: BigInt(sums.total),
      smallest: sums.smallest,
      largest: sums.largest,
      median: sums.median,
      newReceivers: sums.new_receivers,
      knownReceivers: sums.known_receivers,
      duplicates: lines?.duplicates ?? 0,
      awaited: await this.awaited(tx, asked.disbursementId),
      recentlyPaid: paid?.receivers ?? 0,
      unusual: sums.median === null ? { payments: 0, first: [] } : await this.unusual(tx, sums.median),
    };
  }

  private async sums(tx: TenantTx): Promise<SumRow> {
    const row = await tx.queryOne<SumRow & Record<string, unknown>>(
      `SELECT count(*)::integer AS payments, coalesce(sum(amount), 0)::text AS total, min(amount) AS smallest,
              max(amount) AS largest, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS median,
              (count(DISTINCT contact) FILTER (WHERE NOT known))::integer AS new_receivers,
              (count(DISTINCT contact) FILTER (WHERE known))::integer AS known_receivers
         FROM ${PUBLISH_TABLE} WHERE amount IS NOT NULL`,
    );
    invariant(row !== null, 'an aggregate has one row');
    return row;
  }

  private async awaited(tx: TenantTx, disbursementId: string): Promise<TrialFigures['awaited']> {
    const values = [tx.tenantId, disbursementId, UNPAID];
    const elsewhere = `FROM ${KNOWN} u
         CROSS JOIN LATERAL (SELECT DISTINCT p.disbursement_id FROM disbursements.payments p
                              WHERE p.tenant_id = $1 AND p.receiver_id = u.receiver_id AND p.status = ANY($3)
                                AND p.disbursement_id <> $2) other`;
    const [all] = await tx.query<{ receivers: number }>(
      `SELECT count(DISTINCT u.receiver_id)::integer AS receivers ${elsewhere}`,
      values,
    );
    const disbursements = await tx.query<AwaitedIn & Record<string, unknown>>(
      `SELECT d.id, d.name, d.status, found.receivers
         FROM (SELECT other.disbursement_id, count(*)::integer AS receivers ${elsewhere}
                GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${String(SHOWN_MAX)}) found
         JOIN disbursements.disbursements d ON d.tenant_id = $1 AND d.id = found.disbursement_id
        ORDER BY found.receivers DESC, d.id`,
      values,
    );
    return { receivers: all?.receivers ?? 0, disbursements };
  }

  private async unusual(tx: TenantTx, median: bigint): Promise<TrialFigures['unusual']> {
    const rows = await tx.query<{ line: number; external_id: string; amount: bigint; found: bigint }>(
      `SELECT line, external_id, amount, count(*) OVER () AS found FROM ${PUBLISH_TABLE}
        WHERE amount > $1::numeric * $2 OR amount * $2::numeric < $1 ORDER BY line LIMIT ${String(SHOWN_MAX)}`,
      [median, TIMES_THE_MEDIAN],
    );
    const first = rows.map(({ line, external_id: externalId, amount }) => ({ line, externalId, amount }));
    return { payments: Number(rows[0]?.found ?? 0n), first };
  }
}
