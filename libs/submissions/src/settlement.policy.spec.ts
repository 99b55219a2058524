import type { LookupAnswer } from '@libs/ledger';

import type { CarriedSubmission, LiveAttempt } from './attempt';
import { RETRIED_FOR_SECONDS_MAX, type Verdict, verdictOn as verdictWithin } from './settlement.policy';

const proof = {
  ledger: 9,
  closedAt: new Date('2026-01-01T00:00:00Z'),
  envelopeHash: 'e',
  innerHash: 'i',
  sourceAccount: 'C',
  feeCharged: 200n,
  operationIds: ['901', '902', '903', '904'],
};

const attemptWith = (cause: LiveAttempt['cause'] = null): LiveAttempt => ({
  id: 'a',
  status: 'SENT',
  query: {
    reference: 'i',
    channel: 'C',
    sequence: 1n,
    maxTime: new Date('2026-01-01T00:01:00Z'),
    lastSeen: { sequence: 8, hash: 'h' },
  },
  channelEpoch: 1n,
  distribution: 'D',
  operations: 1,
  feeRate: 100n,
  sends: 1,
  sentAtLedger: 8,
  answer: 'accepted',
  refusalCode: null,
  cause,
  feeNeeded: null,
  contradicted: false,
});

const carry = (...failures: Partial<CarriedSubmission>[]): CarriedSubmission[] =>
  failures.map((one, position) => ({
    attemptId: 'a',
    submissionId: `s${String(position)}`,
    position,
    ownFailures: 0,
    groupFailures: 0,
    regroupId: null,
    feesCharged: 0n,
    ageSeconds: 0,
    refusedSeconds: 0,
    paidFor: 'd',
    asset: 'XLM:native',
    destination: `G${String(position)}`,
    ...one,
  }));

const failedWith = (
  ...codes: [string, 'success' | 'final' | 'ours' | 'later', boolean?][]
): LookupAnswer & { kind: 'failed' } => ({
  kind: 'failed',
  proof,
  code: 'tx_failed',
  class: 'later',
  operations: codes.map(([code, meaning, dependsOnOrder = false]) => ({
    code,
    class: meaning,
    dependsOnOrder,
  })),
});

const verdictOn = (
  attempt: LiveAttempt,
  carried: readonly CarriedSubmission[],
  evidence: Parameters<typeof verdictWithin>[2],
  ownHashes: ReadonlySet<string> = new Set(),
): Verdict => verdictWithin(attempt, carried, evidence, { feesMax: 2_000n, ownHashes });

const moves = (verdict: ReturnType<typeof verdictOn>): string[] => verdict.settlements.map((one) => one.move);

describe('what evidence means for the payments of an attempt', () => {
  it('settles every payment of an applied one, each with its own operation', () => {
    const verdict = verdictOn(attemptWith(), carry({}, {}), { kind: 'applied', proof });
    expect(verdict.ending).toMatchObject({ end: 'apply', sequenceUsed: true });
    expect(verdict.settlements).toMatchObject([
      { submissionId: 's0', move: 'settle', operationId: '901' },
      { submissionId: 's1', move: 'settle', operationId: '902' },
    ]);
  });

  it('fails only the payment whose recipient cannot take it', () => {
    const verdict = verdictOn(
      attemptWith(),
      carry({}, {}, {}),
      failedWith(['op_success', 'success'], ['op_no_trust', 'final'], ['op_success', 'success']),
    );
    expect(moves(verdict)).toEqual(['requeue', 'reject', 'requeue']);
    expect(verdict.settlements[1]).toMatchObject({ resultCode: 'op_no_trust', ownFailure: true });
    expect(verdict.settlements[0]).toMatchObject({ groupFailure: true, ownFailure: false, groupMax: null });
    expect(verdict.oursToFix).toBeNull();
  });

  it('lets those that would have worked go again together, and with nobody else', () => {
    const verdict = verdictOn(
      attemptWith(),
      carry({ groupFailures: 3 }, {}, {}),
      failedWith(['op_success', 'success'], ['op_no_trust', 'final'], ['op_success', 'success']),
    );
    expect(verdict.settlements.map((one) => one.regroupId)).toEqual(['a', null, 'a']);
    expect(verdict.settlements.map((one) => one.groupMax)).toEqual([null, null, null]);
  });

  it('asks once more, apart from the others, what an operation before it may have caused', () => {
    const lineFull = ['op_line_full', 'final', true] as const;
    const works = ['op_success', 'success'] as const;
    const shared = verdictOn(
      attemptWith(),
      carry({ destination: 'D' }, {}, { destination: 'D' }, { destination: 'D' }),
      failedWith([...works], [...works], [...lineFull], [...lineFull]),
    );
    expect(moves(shared)).toEqual(['requeue', 'requeue', 'requeue', 'requeue']);
    const groups = shared.settlements.map((one) => one.regroupId);
    expect(groups.slice(0, 2)).toEqual(['a', 'a']);
    expect(groups[2]).not.toBe('a');
    expect([groups[2], groups[3]]).toEqual([expect.any(String), groups[2]]);
  });

  it('rejects at once what no operation before it can have caused', () => {
    const lineFull = ['op_line_full', 'final', true] as const;
    const alone = verdictOn(attemptWith(), carry({}), failedWith([...lineFull]));
    expect(moves(alone)).toEqual(['reject']);
    const verdict = verdictOn(
      attemptWith(),
      carry({ destination: 'D' }, { destination: 'E' }, { destination: 'E' }),
      // The first to E failed, so it took no room away from the second.
      failedWith(['op_success', 'success'], [...lineFull], [...lineFull]),
    );
    expect(moves(verdict)).toEqual(['requeue', 'reject', 'reject']);
  });

  it('holds the tenant for an empty account only when nothing else of the same asset can be paid', () => {
    const underfunded = ['op_underfunded', 'ours', true] as const;
    const works = ['op_success', 'success'] as const;
    const after = verdictOn(attemptWith(), carry({}, {}), failedWith([...works], [...underfunded]));
    const before = verdictOn(attemptWith(), carry({}, {}), failedWith([...underfunded], [...works]));
    for (const one of [after, before]) {
      expect([moves(one), one.oursToFix]).toEqual([['requeue', 'requeue'], null]);
      const groups = one.settlements.map(({ regroupId }) => regroupId);
      expect(new Set(groups).size).toBe(2);
      expect(groups).not.toContain(null);
    }
    const other = verdictOn(
      attemptWith(),
      carry({ asset: 'EURC:I' }, {}),
      failedWith([...works], [...underfunded]),
    );
    expect([moves(other), other.oursToFix]).toEqual([['requeue', 'requeue'], { code: 'op_underfunded' }]);
  });

  it('halves the group after a second failure that nothing in it is named for', () => {
    const nobody = { ...failedWith(), code: 'tx_internal_error' };
    const verdict = verdictOn(attemptWith(), carry({ groupFailures: 1 }, {}, {}, {}), nobody);
    expect(verdict.settlements.map((one) => one.groupMax)).toEqual([2, null, null, null]);
    expect(moves(verdict)).toEqual(['requeue', 'requeue', 'requeue', 'requeue']);
  });

  it('keeps groups together when their time runs out', () => {
    const expired: LookupAnswer = {
      kind: 'expired',
      proof: { node: 'n', channelSequence: 0n, latestLedger: 99, latestClosedAt: new Date() },
    };
    const verdict = verdictOn(attemptWith(), carry({ regroupId: 'g' }, { regroupId: 'g' }), expired);
    expect(verdict.settlements.map((one) => one.regroupId)).toEqual(['g', 'g']);
  });

  it.each(['op_underfunded', 'op_src_no_trust', 'op_src_not_authorized'])(
    'fails nobody for %s: it is ours to fix',
    (code) => {
      const verdict = verdictOn(
        attemptWith(),
        carry({}),
        failedWith([code, 'ours', code === 'op_underfunded']),
      );
      expect(moves(verdict)).toEqual(['requeue']);
      expect(verdict.oursToFix).toEqual({ code });
    },
  );

  it('fails a payment after three failures of its own operation whose cause might have passed', () => {
    const strange = failedWith(['op_strange', 'later']);
    expect(moves(verdictOn(attemptWith(), carry({ ownFailures: 1 }), strange))).toEqual(['requeue']);
    expect(moves(verdictOn(attemptWith(), carry({ ownFailures: 2 }), strange))).toEqual(['reject']);
  });

  it('gives up what ledgers refused for a week, or at more than the bound of its cost', () => {
    const strange = failedWith(['op_strange', 'later']);
    const verdictFor = (more: Partial<CarriedSubmission>): Verdict =>
      verdictOn(attemptWith(), carry(more), strange);
    expect(moves(verdictFor({ feesCharged: 1_800n }))).toEqual(['requeue']);
    expect(verdictFor({ feesCharged: 1_801n }).settlements).toMatchObject([
      { move: 'reject', resultCode: 'too_dear:op_strange' },
    ]);
    expect(verdictFor({ refusedSeconds: RETRIED_FOR_SECONDS_MAX + 1 }).settlements).toMatchObject([
      { move: 'reject', resultCode: 'too_old:op_strange' },
    ]);
    const whole = { ...failedWith(), code: 'tx_bad_seq' };
    expect(verdictOn(attemptWith(), carry({ feesCharged: 2_000n }), whole).settlements).toMatchObject([
      { move: 'reject', resultCode: 'too_dear:tx_bad_seq' },
    ]);
  });

  it('gives nobody up for what is ours to mend, for another payment, or for the network', () => {
    const much = { feesCharged: 10_000n, refusedSeconds: RETRIED_FOR_SECONDS_MAX * 9 };
    const whole = { ...failedWith(), code: 'tx_bad_auth', class: 'ours' as const };
    const underfunded = failedWith(['op_success', 'success'], ['op_underfunded', 'ours', true]);
    const other = failedWith(['op_success', 'success'], ['op_no_trust', 'final']);
    const latestClosedAt = new Date();
    const proofOfExpiry = { node: 'n', channelSequence: 0n, latestLedger: 99, latestClosedAt };
    expect([
      moves(verdictOn(attemptWith(), carry(much), whole)),
      moves(verdictOn(attemptWith(), carry(much, much), underfunded)),
      moves(verdictOn(attemptWith(), carry(much, much), other)),
      moves(verdictOn(attemptWith(), carry(much), { kind: 'expired', proof: proofOfExpiry })),
    ]).toEqual([['requeue'], ['requeue', 'requeue'], ['requeue', 'reject'], ['requeue']]);
    expect(verdictOn(attemptWith(), carry(much), whole).oursToFix).toEqual({ code: 'tx_bad_auth' });
  });

  it('charges nobody for a trial in which something of ours was in the way, and lets the patience with them begin anew', () => {
    const borne = (verdict: Verdict): readonly unknown[] =>
      verdict.settlements.map(({ fee, countedFee, refusal }) => [fee, countedFee, refusal]);
    const works = ['op_success', 'success'] as const;
    const underfunded = ['op_underfunded', 'ours', true] as const;
    const alone = verdictOn(attemptWith(), carry({}), failedWith([...underfunded]));
    expect(borne(alone)).toEqual([[200n, 0n, 'ours']]);
    // It may be the one before it that took the last of the balance: still nobody's fault but ours.
    const last = verdictOn(attemptWith(), carry({}, {}), failedWith([...works], [...underfunded]));
    expect(borne(last)).toEqual([
      [100n, 0n, null],
      [100n, 0n, 'ours'],
    ]);
    const mixed = failedWith([...underfunded], ['op_strange', 'later']);
    expect(borne(verdictOn(attemptWith(), carry({}, { feesCharged: 2_000n }), mixed))).toEqual([
      [100n, 0n, 'ours'],
      [100n, 0n, 'counted'],
    ]);
    const unsigned = attemptWith({ code: 'tx_bad_auth', operationCodes: [] });
    const noOp = { kind: 'superseded', proof } as const;
    expect(borne(verdictOn(unsigned, carry({}), noOp, new Set(['i'])))).toEqual([[200n, 0n, 'ours']]);
    expect(borne(verdictOn(attemptWith(), carry({}), failedWith(['op_strange', 'later'])))).toEqual([
      [200n, 200n, 'counted'],
    ]);
  });

  it('shares the whole fee among the payments, to the last stroop, and counts what others paid for nobody', () => {
    const fees = (verdict: Verdict): bigint[] => verdict.settlements.map(({ fee }) => fee);
    const three = carry({}, {}, {});
    expect(fees(verdictOn(attemptWith(), three, { kind: 'applied', proof }))).toEqual([67n, 67n, 66n]);
    const superseded = { kind: 'superseded', proof: { ...proof, innerHash: 'no-op' } } as const;
    expect(fees(verdictOn(attemptWith(), three, superseded, new Set(['no-op'])))).toEqual([67n, 67n, 66n]);
    expect(fees(verdictOn(attemptWith(), three, superseded))).toEqual([0n, 0n, 0n]);
  });

  it('counts no expiry against anybody', () => {
    const expired: LookupAnswer = {
      kind: 'expired',
      proof: { node: 'n', channelSequence: 0n, latestLedger: 99, latestClosedAt: new Date() },
    };
    const verdict = verdictOn(attemptWith(), carry({ ownFailures: 2 }), expired);
    expect(verdict.ending).toMatchObject({ end: 'expire', sequenceUsed: false });
    expect(verdict.settlements).toMatchObject([{ move: 'requeue', ownFailure: false }]);
    expect(verdict.oursToFix).toBeNull();
  });

  it('lets payments wait again when something foreign used the sequence number', () => {
    const verdict = verdictOn(attemptWith(), carry({}), { kind: 'superseded', proof });
    expect(moves(verdict)).toEqual(['requeue']);
    expect(verdict.oursToFix).toBeNull();
  });

  it('fails what can never pass as it is, once the no-op took its place', () => {
    const malformed = attemptWith({ code: 'op_malformed', operationCodes: ['op_success', 'op_malformed'] });
    const verdict = verdictOn(malformed, carry({}, {}), { kind: 'superseded', proof });
    expect(moves(verdict)).toEqual(['requeue', 'reject']);
    expect(verdict.oursToFix).toBeNull();
  });

  it('blames nobody but us for a signature that the network refuses', () => {
    const unsigned = attemptWith({ code: 'tx_bad_auth', operationCodes: [] });
    const verdict = verdictOn(unsigned, carry({}), { kind: 'superseded', proof });
    expect(moves(verdict)).toEqual(['requeue']);
    expect(verdict.oursToFix).toEqual({ code: 'tx_bad_auth' });
  });
});
