import { assetName, formatAmount } from '@libs/kernel';
import type { Outflow } from '@libs/ledger';
import type { CarriedPayment, Finding, KnownAttempt } from '@libs/submissions';

export interface Comparison {
  readonly account: string;
  /** What left the account, in ledgers that were read whole. */
  readonly outflows: readonly Outflow[];
  /** By inner hash: every attempt that one of the outflows names, and those that our books show as applied there. */
  readonly attempts: ReadonlyMap<string, KnownAttempt>;
  /** Ledger accounts of our own. */
  readonly own: ReadonlySet<string>;
  /** The newest ledger's time: an attempt may be open for a while after it was applied. */
  readonly now: Date;
  /** How long, in seconds. */
  readonly patienceSeconds: number;
}

export interface ComparisonResult {
  readonly findings: readonly Finding[];
  /** The first ledger with an attempt that is still open and may be: what comes from here on is compared later. */
  readonly openFrom: number | null;
}

/** Of attempts that have not ended. */
export const LIVE: readonly string[] = ['STORED', 'SENT', 'LOST'];

/** An outflow as a finding shows it. */
export const detailsOf = (account: string, outflow: Outflow): Finding['details'] => ({
  account,
  ledger: outflow.ledger,
  closed_at: outflow.closedAt.toISOString(),
  transaction: outflow.innerHash,
  operation: outflow.id,
  type: outflow.kind,
  to: outflow.to,
  asset: outflow.asset === null ? null : assetName(outflow.asset),
  amount: outflow.amount === null ? null : formatAmount(outflow.amount),
  memo: outflow.memo === null ? null : `${outflow.memo.type}:${outflow.memo.value}`,
});

/** Compares what the ledger shows with what was ordered, both ways. */
export function compareOutflows(comparison: Comparison): ComparisonResult {
  const { account, outflows, attempts, own, now, patienceSeconds } = comparison;
  const findings: Finding[] = [];
  const shown = new Map<string, number>();
  let openFrom: number | null = null;
  for (const outflow of outflows) {
    const attempt = attempts.get(outflow.innerHash);
    const details = detailsOf(account, outflow);
    if (attempt === undefined) {
      if (!own.has(outflow.to))
        findings.push({ kind: 'unordered-payment', subject: outflow.id, tenantId: null, details });
      continue;
    }
    shown.set(outflow.innerHash, (shown.get(outflow.innerHash) ?? 0) + 1);
    const { tenantId } = attempt;
    const about = { ...details, attempt: attempt.id, status: attempt.status };
    if (LIVE.includes(attempt.status)) {
      const isDue = outflow.closedAt.getTime() + patienceSeconds * 1_000 > now.getTime();
      if (isDue) openFrom = Math.min(openFrom ?? outflow.ledger, outflow.ledger);
      else findings.push({ kind: 'unsettled-payment', subject: attempt.reference, tenantId, details: about });
    } else if (attempt.status !== 'APPLIED') {
      findings.push({ kind: 'unrecorded-payment', subject: attempt.reference, tenantId, details: about });
    }
    const ordered = attempt.payments.find(({ position }) => position === outflow.position);
    if (ordered === undefined || !isAsOrdered(outflow, ordered)) {
      const wanted = ordered === undefined ? {} : orderedDetails(ordered);
      findings.push({
        kind: 'wrong-payment',
        subject: outflow.id,
        tenantId,
        details: { ...about, ...wanted },
      });
    }
  }
  for (const attempt of attempts.values()) {
    const operations = shown.get(attempt.reference) ?? 0;
    if (attempt.status !== 'APPLIED' || operations >= attempt.payments.length) continue;
    findings.push({
      kind: 'missing-payment',
      subject: attempt.reference,
      tenantId: attempt.tenantId,
      details: {
        account,
        attempt: attempt.id,
        transaction: attempt.reference,
        payments: attempt.payments.length,
        payments_on_ledger: operations,
      },
    });
  }
  return {
    findings: findings.filter(({ details }) => openFrom === null || ledgerOf(details) < openFrom),
    openFrom,
  };
}

const ledgerOf = (details: Finding['details']): number => {
  const { ledger } = details;
  return typeof ledger === 'number' ? ledger : 0;
};

const isAsOrdered = (outflow: Outflow, ordered: CarriedPayment): boolean =>
  outflow.kind === 'payment' &&
  outflow.to === ordered.destination &&
  outflow.asset?.code === ordered.assetCode &&
  outflow.asset.issuer === ordered.assetIssuer &&
  outflow.amount === ordered.amount &&
  (outflow.memo?.type ?? null) === ordered.memoType &&
  (outflow.memo?.value ?? null) === ordered.memoValue;

const orderedDetails = (ordered: CarriedPayment): Finding['details'] => ({
  payment: ordered.paymentId,
  ordered_to: ordered.destination,
  ordered_asset: assetName({ code: ordered.assetCode, issuer: ordered.assetIssuer }),
  ordered_amount: formatAmount(ordered.amount),
  ordered_memo: ordered.memoType === null ? null : `${ordered.memoType}:${ordered.memoValue ?? ''}`,
});
