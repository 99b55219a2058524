import type { Outflow } from '@libs/ledger';
import type { KnownAttempt } from '@libs/submissions';

import { compareOutflows } from './comparison.policy';

const HASH = 'ab'.repeat(32);
const CLOSED_AT = new Date('2030-01-01T00:00:00Z');

const outflowOf = (taken: Pick<Outflow, 'kind' | 'to' | 'asset' | 'amount'>): Outflow => ({
  ...taken,
  ...{ id: '77', position: 0, innerHash: HASH, envelopeHash: HASH, sourceAccount: 'GPAYER' },
  ...{ sourceSequence: 1n, feeCharged: 100n, operationCount: 1, ledger: 9, closedAt: CLOSED_AT, memo: null },
});

/** Of one payment of 5 XLM. */
const attempt: KnownAttempt = {
  ...{ tenantId: 'acme', id: 'attempt', reference: HASH, status: 'APPLIED' },
  payments: [
    {
      position: 0,
      paymentId: 'p',
      destination: 'XLM',
      assetCode: 'XLM',
      assetIssuer: '',
      amount: 50_000_000n,
      memoType: null,
      memoValue: null,
    },
  ],
};

const findingsOf = (outflow: Outflow, attempts: readonly KnownAttempt[] = []): unknown =>
  compareOutflows({
    ...{
      account: 'GPAYER',
      outflows: [outflow],
      own: new Set<string>(),
      now: CLOSED_AT,
      patienceSeconds: 60,
    },
    attempts: new Map(attempts.map((one) => [one.reference, one])),
  }).findings.map(({ kind, details }) => [
    kind,
    details['type'],
    details['to'],
    details['asset'],
    details['amount'],
  ]);

describe('what left an account without being paid to anybody', () => {
  const offer = outflowOf({
    ...{ kind: 'offer', to: 'XLM', amount: 50_000_000n },
    asset: { code: 'XLM', issuer: '' },
  });

  it('is told as what nobody ordered, with what is known of it', () => {
    expect(findingsOf(offer)).toEqual([['unordered-payment', 'offer', 'XLM', 'XLM', '5.0000000']]);
    const called = outflowOf({ kind: 'contract', to: 'CCONTRACT', asset: null, amount: null });
    expect(findingsOf(called)).toEqual([['unordered-payment', 'contract', 'CCONTRACT', null, null]]);
  });

  it('is not what was ordered, were it as much of the same asset', () => {
    expect(findingsOf(offer, [attempt])).toEqual([['wrong-payment', 'offer', 'XLM', 'XLM', '5.0000000']]);
    const paid = outflowOf({ kind: 'payment', to: 'XLM', asset: offer.asset, amount: 50_000_000n });
    expect(findingsOf(paid, [attempt])).toEqual([]);
  });
});
