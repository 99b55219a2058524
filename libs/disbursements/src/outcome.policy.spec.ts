import { PAYMENT_STATUSES } from '@libs/contracts';

import { type DispatchOutcome, type PaymentUnderOutcome, verdictOnOutcome } from './outcome.policy';

const HASH = 'a'.repeat(64);
const CURRENT = 2;
const payment = (status: PaymentUnderOutcome['status'], more: object = {}): PaymentUnderOutcome => ({
  status,
  dispatch: CURRENT,
  amount: 10n,
  ledgerTransactionHash: status === 'SUCCESS' ? HASH : null,
  disputed: false,
  ...more,
});
const said = (
  outcome: DispatchOutcome['outcome'],
  dispatch = CURRENT,
  more: object = {},
): DispatchOutcome => ({
  outcome,
  dispatch,
  amountPaid: outcome === 'SUCCESS' ? 10n : null,
  ledgerTransactionHash: outcome === 'SUCCESS' ? HASH : null,
  ...more,
});
const verdicts = (outcome: DispatchOutcome): Record<string, string> =>
  Object.fromEntries(
    PAYMENT_STATUSES.map((status) => [status, verdictOnOutcome(payment(status), outcome).kind]),
  );
const forEach = (verdict: string): Record<string, string> =>
  Object.fromEntries(PAYMENT_STATUSES.map((status) => [status, verdict]));

describe('the verdict on an outcome', () => {
  it('moves a payment that waits for it, and nothing else', () => {
    expect(verdicts(said('FAILED'))).toEqual({ ...forEach('ignore'), PENDING: 'reject', SUCCESS: 'dispute' });
    expect(verdicts(said('WITHDRAWN'))).toEqual({
      ...forEach('ignore'),
      PENDING: 'recall',
      SUCCESS: 'dispute',
    });
    expect(verdicts(said('SUCCESS'))).toEqual({
      ...forEach('dispute'),
      PENDING: 'settle',
      SUCCESS: 'ignore',
    });
  });

  it.each([1, 3])('ignores what did not become of dispatch %i, and disputes what it paid', (dispatch) => {
    expect(verdicts(said('FAILED', dispatch))).toEqual(forEach('ignore'));
    expect(verdicts(said('WITHDRAWN', dispatch))).toEqual(forEach('ignore'));
    expect(verdicts(said('SUCCESS', dispatch))).toEqual(forEach('dispute'));
  });

  it('disputes another amount, another ledger transaction, and a success without one', () => {
    for (const wrong of [
      verdictOnOutcome(payment('PENDING'), said('SUCCESS', CURRENT, { amountPaid: 11n })),
      verdictOnOutcome(payment('PENDING'), said('SUCCESS', CURRENT, { amountPaid: null })),
      verdictOnOutcome(
        payment('SUCCESS'),
        said('SUCCESS', CURRENT, { ledgerTransactionHash: 'b'.repeat(64) }),
      ),
    ])
      expect(wrong.kind).toBe('dispute');
  });

  it('says in a dispute what contradicts what', () => {
    expect(verdictOnOutcome(payment('SUCCESS'), said('FAILED'))).toEqual({
      kind: 'dispute',
      evidence: 'dispatch 2 was paid and is now said to be FAILED',
    });
    expect(verdictOnOutcome(payment('CANCELED'), said('SUCCESS'))).toEqual({
      kind: 'dispute',
      evidence: 'it was paid while it is CANCELED',
    });
  });

  it('leaves a disputed payment to a person', () => {
    for (const outcome of ['SUCCESS', 'FAILED', 'WITHDRAWN'] as const) {
      for (const status of PAYMENT_STATUSES)
        expect(verdictOnOutcome(payment(status, { disputed: true }), said(outcome)).kind).toBe('ignore');
    }
  });
});
