import { XLM } from '@libs/kernel';
import type { Memo } from '@libs/ledger';
import type { LiveAttempt, QueuedSubmission } from '@libs/submissions';

import { nextStep, waitedOutBan } from '../sending/resending.policy';
import { Breaker } from './breaker';
import { firstBid, nextBid } from './fee.policy';
import { groupForSigning } from './grouping.policy';

describe('the fee that is bid', () => {
  const stats = { baseFee: 100n, capacityUsage: 0.2, chargedP90: 150n, bidP90: 5_000n };

  it('follows what ledgers charged, within the ceiling, and does not bid against itself when they are full', () => {
    expect(firstBid(null, 10_000n)).toBe(100n);
    expect(firstBid(stats, 10_000n)).toBe(150n);
    expect(firstBid({ ...stats, capacityUsage: 0.95 }, 10_000n)).toBe(150n);
    expect(firstBid({ ...stats, chargedP90: 90_000n }, 10_000n)).toBe(10_000n);
  });

  const bid = (
    step: Parameters<typeof nextBid>[0],
    more: { feeRate?: bigint; feeNeeded?: bigint | null; market?: bigint | null; max?: bigint },
  ): bigint | null =>
    nextBid(step, { feeRate: 100n, operations: 1, feeNeeded: null, market: null, max: 10_000n, ...more });

  it('rises to what the node asks for, at least twofold, and never above the ceiling', () => {
    expect(bid('bump', { feeNeeded: 2_001n })).toBe(1_001n);
    expect(bid('bump', { feeNeeded: 202n })).toBe(200n);
    expect(bid('bump', { max: 150n })).toBe(150n);
    expect(bid('bump', { feeRate: 150n, feeNeeded: 9_999n, max: 150n })).toBeNull();
  });

  it('is tenfold where a node still queues the old one, and nothing less takes its place', () => {
    expect(bid('outbid', { market: 300n })).toBe(1_000n);
    expect(bid('outbid', { feeRate: 1_001n, market: 3_000n })).toBeNull();
  });

  it('is any more than before once the node has forgotten the old one: what ledgers charge, if that is more', () => {
    expect([bid('renew', {}), bid('renew', { market: 340n }), bid('renew', { market: 50n })]).toEqual([
      101n,
      340n,
      101n,
    ]);
    expect(bid('renew', { feeRate: 10_000n, market: 90_000n })).toBeNull();
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
    refusalCode: null,
    cause: null,
    feeNeeded: null,
    contradicted: false,
  });

  const stepFor = (one: LiveAttempt, market: bigint | null = null): string => nextStep(one, latest, market);

  it.each([
    [null, 'again'],
    ['silent', 'again'],
    ['resend', 'again'],
    ['accepted', 'wait'],
    ['bump', 'bump'],
    ['supersede', 'no-op'],
    ['expire', 'wait'],
  ] as const)('with the answer %s is to %s', (answer, step) => {
    expect(stepFor(attempt(answer))).toBe(step);
  });

  it('is to wait until the ledger after the last send, and patiently once it was accepted', () => {
    expect(stepFor(attempt('silent', 20))).toBe('wait');
    expect(stepFor(attempt('accepted', 17))).toBe('wait');
  });

  it('is another envelope where the node has dropped the old one or refuses its hash for some ledgers', () => {
    expect(stepFor(attempt('accepted', 16))).toBe('renew');
    expect(stepFor({ ...attempt('resend'), refusalCode: 'TRY_AGAIN_LATER' })).toBe('renew');
    expect(stepFor({ ...attempt('resend'), refusalCode: 'tx_bad_seq' })).toBe('again');
  });

  it('is to outbid others where ledgers charge more than was bid, once it has waited for two', () => {
    expect([101n, 100n, null].map((market) => stepFor(attempt('accepted', 18), market))).toEqual([
      'outbid',
      'wait',
      'wait',
    ]);
    expect(stepFor(attempt('accepted', 19), 101n)).toBe('wait');
  });

  it('is the same envelope, where no other can be had, only when no node refuses its hash any more', () => {
    const banned = [
      attempt('bump', 11),
      attempt('resend', 10),
      attempt('accepted', 7),
      attempt('accepted', 6),
    ];
    expect(banned.map((one) => waitedOutBan(one, latest))).toEqual([false, true, false, true]);
  });

  it('is to wait for the proof once its time has passed', () => {
    expect(nextStep(attempt('silent'), { ...latest, closedAt: new Date('2026-01-01T00:02:00Z') }, null)).toBe(
      'wait',
    );
  });
});
