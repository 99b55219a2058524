import { XLM } from '@libs/kernel';
import type { Memo } from '@libs/ledger';
import type { LiveAttempt, QueuedSubmission } from '@libs/submissions';

import { nextStep } from '../sending/resending.service';
import { Breaker } from './breaker';
import { firstBid, raisedBid } from './fee.policy';
import { groupForSigning } from './grouping.policy';

describe('the fee that is bid', () => {
  const stats = { baseFee: 100n, capacityUsage: 0.2, chargedP90: 150n, bidP90: 5_000n };

  it('follows what ledgers charged, and doubles when they are nearly full', () => {
    expect(firstBid(null, 10_000n)).toBe(100n);
    expect(firstBid(stats, 10_000n)).toBe(150n);
    expect(firstBid({ ...stats, capacityUsage: 0.95 }, 10_000n)).toBe(300n);
    expect(firstBid({ ...stats, chargedP90: 90_000n }, 10_000n)).toBe(10_000n);
  });

  it('rises to what the node asks for, at least twofold, and never above the ceiling', () => {
    expect(raisedBid({ feeRate: 100n, operations: 1, feeNeeded: 2_001n, max: 10_000n })).toBe(1_001n);
    expect(raisedBid({ feeRate: 100n, operations: 1, feeNeeded: 202n, max: 10_000n })).toBe(200n);
    expect(raisedBid({ feeRate: 100n, operations: 1, feeNeeded: null, max: 150n })).toBe(150n);
    expect(raisedBid({ feeRate: 150n, operations: 1, feeNeeded: 9_999n, max: 150n })).toBeNull();
  });
});

describe('payments that share a ledger transaction', () => {
  const queued = (id: number, more: Partial<QueuedSubmission> = {}): QueuedSubmission => ({
    id: String(id).padStart(3, '0'),
    paymentId: 'p',
    dispatch: 1,
    disbursementId: null,
    asset: XLM,
    amount: 1n,
    destination: 'G',
    memo: null,
    groupMax: null,
    regroupId: null,
    ...more,
  });
  const sizes = (submissions: readonly QueuedSubmission[], max: number): number[] =>
    groupForSigning(submissions, max).map((group) => group.length);

  it('have the same memo and are no more than allowed', () => {
    const memo: Memo = { type: 'id', value: '7' };
    const all = [
      ...Array.from({ length: 5 }, (_, index) => queued(index)),
      queued(5, { memo }),
      queued(6, { memo }),
    ];
    expect(sizes(all, 3)).toEqual([3, 2, 2]);
    for (const group of groupForSigning(all, 3)) {
      expect(new Set(group.map((one) => one.memo?.value)).size).toBe(1);
    }
  });

  it('are never more than any of them bears after a failure', () => {
    const groups = groupForSigning(
      [queued(1), queued(2, { groupMax: 1 }), queued(3), queued(4, { groupMax: 2 }), queued(5)],
      100,
    );
    expect(groups.map((group) => group.map((one) => one.id))).toEqual([
      ['002'],
      ['004', '001'],
      ['003', '005'],
    ]);
  });

  it('go with their own only, once they shared a failed ledger transaction', () => {
    const groups = groupForSigning(
      [
        queued(1),
        queued(2, { regroupId: 'g' }),
        queued(3),
        queued(4, { regroupId: 'g' }),
        queued(5, { regroupId: 'h' }),
      ],
      100,
    );
    expect(groups.map((group) => group.map((one) => one.id))).toEqual([
      ['001', '003'],
      ['002', '004'],
      ['005'],
    ]);
  });

  it('are all signed, each once', () => {
    const all = Array.from({ length: 57 }, (_, index) => queued(index, { groupMax: (index % 7) + 1 }));
    const signed = groupForSigning(all, 10)
      .flat()
      .map((one) => one.id);
    expect([signed.length, new Set(signed).size]).toEqual([57, 57]);
  });
});

describe('the breaker of a tenant', () => {
  it('halves when attempts are never applied, doubles when they are, and probes with one when it is ours to fix', () => {
    const breaker = new Breaker(() => 16);
    const record = (applied: number, neverApplied: number, ours = false): number => {
      breaker.record('t', { applied, neverApplied, ours });
      return breaker.limit('t');
    };
    expect([
      breaker.limit('t'),
      record(0, 5),
      record(1, 5),
      record(3, 1),
      record(9, 0),
      record(1, 0, true),
    ]).toEqual([16, 8, 4, 8, 16, 1]);
    expect([record(0, 1), record(1, 0), breaker.limit('another')]).toEqual([1, 2, 16]);
  });
});

describe('what follows for an attempt that a ledger did not decide', () => {
  const latest = {
    sequence: 20,
    hash: 'h',
    closedAt: new Date('2026-01-01T00:01:00Z'),
    baseReserve: 5_000_000n,
    previousHash: '',
    transactionCount: 0,
    maxOperations: 1_000,
  };
  const attempt = (answer: LiveAttempt['answer'], sentAtLedger = 19): LiveAttempt => ({
    id: 'a',
    status: 'SENT',
    query: {
      reference: 'r',
      channel: 'C',
      sequence: 1n,
      maxTime: new Date('2026-01-01T00:02:00Z'),
      lastSeen: { sequence: 18, hash: 'h' },
    },
    channelEpoch: 1n,
    distribution: 'D',
    operations: 1,
    feeRate: 100n,
    sends: 1,
    sentAtLedger,
    answer,
    cause: null,
    feeNeeded: null,
    contradicted: false,
  });

  it.each([
    [null, 'again'],
    ['silent', 'again'],
    ['resend', 'again'],
    ['accepted', 'wait'],
    ['bump', 'bump'],
    ['supersede', 'no-op'],
    ['expire', 'wait'],
  ] as const)('with the answer %s is to %s', (answer, step) => {
    expect(nextStep(attempt(answer), latest)).toBe(step);
  });

  it('is to wait until the ledger after the last send, and patiently once it was accepted', () => {
    expect(nextStep(attempt('silent', 20), latest)).toBe('wait');
    expect(nextStep(attempt('accepted', 16), latest)).toBe('again');
  });

  it('is to wait for the proof once its time has passed', () => {
    expect(nextStep(attempt('silent'), { ...latest, closedAt: new Date('2026-01-01T00:02:00Z') })).toBe(
      'wait',
    );
  });
});
