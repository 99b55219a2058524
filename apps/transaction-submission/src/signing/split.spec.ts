import { XLM } from '@libs/kernel';
import type { LookupAnswer, OperationOutcome } from '@libs/ledger';
import {
  type CarriedSubmission,
  type LiveAttempt,
  OWN_FAILURES_MAX,
  type QueuedSubmission,
  verdictOn,
} from '@libs/submissions';
import fc from 'fast-check';

import { groupForSigning } from './grouping.policy';

/** How one payee behaves on a ledger: always takes it, never, not the first few times, or only so much. */
type Payee =
  | { readonly kind: 'takes' }
  | { readonly kind: 'never' }
  /** Takes it at first and no more from this envelope on. */
  | { readonly kind: 'until'; readonly envelope: number }
  | { readonly kind: 'after'; readonly failures: number }
  /** Shares an account with room for one payment with the others of its number. */
  | { readonly kind: 'full'; readonly account: number };

interface Waiting extends QueuedSubmission {
  readonly payee: Payee;
  readonly ownFailures: number;
  readonly groupFailures: number;
}

interface Run {
  readonly envelopes: readonly (readonly string[])[];
  readonly paid: readonly string[];
  readonly rejected: readonly string[];
  /** Those whose own operation failed at least once. */
  readonly bad: ReadonlySet<string>;
}

const OK: OperationOutcome = { code: 'op_success', class: 'success', dependsOnOrder: false };
const NO_TRUST: OperationOutcome = { code: 'op_no_trust', class: 'final', dependsOnOrder: false };
const LINE_FULL: OperationOutcome = { code: 'op_line_full', class: 'final', dependsOnOrder: true };
const STRANGE: OperationOutcome = { code: 'op_strange', class: 'later', dependsOnOrder: false };

const BOUNDS = { feesMax: 1_000_000n, ownHashes: new Set<string>() };
const PROOF = {
  ledger: 1,
  closedAt: new Date(0),
  envelopeHash: 'e',
  innerHash: 'i',
  sourceAccount: 'C',
  feeCharged: 100n,
  operationIds: [],
};

const attemptOf = (id: string): LiveAttempt => ({
  id,
  status: 'SENT',
  query: {
    reference: 'i',
    channel: 'C',
    sequence: 1n,
    maxTime: new Date(0),
    lastSeen: { sequence: 1, hash: 'h' },
  },
  channelEpoch: 1n,
  distribution: 'D',
  operations: 1,
  feeRate: 100n,
  sends: 1,
  sentAtLedger: 1,
  answer: 'accepted',
  refusalCode: null,
  cause: null,
  feeNeeded: null,
  contradicted: false,
});

const waitingFor = (payee: Payee, index: number): Waiting => ({
  id: String(index).padStart(4, '0'),
  paymentId: 'p',
  dispatch: 1,
  disbursementId: null,
  asset: XLM,
  amount: 1n,
  destination: payee.kind === 'full' ? `full-${String(payee.account)}` : `own-${String(index)}`,
  memo: null,
  groupMax: null,
  regroupId: null,
  payee,
  ownFailures: 0,
  groupFailures: 0,
});

/** Plays envelope after envelope on a ledger that applies all operations of one, or (when one fails) none. */
function play(payees: readonly Payee[], max: number): Run {
  const queue = new Map(payees.map(waitingFor).map((one) => [one.id, one]));
  const full = new Set<string>();
  const failures = new Map<string, number>();
  const run = {
    envelopes: [] as string[][],
    paid: [] as string[],
    rejected: [] as string[],
    bad: new Set<string>(),
  };
  while (queue.size > 0) {
    if (run.envelopes.length > 10 * payees.length) throw new Error('it does not end');
    const [group = []] = groupForSigning([...queue.values()], max);
    const members = group.flatMap(({ id }) => queue.get(id) ?? []);
    const number = run.envelopes.push(members.map((one) => one.id));
    const filled = new Set(full);
    const operations = members.map(({ id, payee, destination }): OperationOutcome => {
      switch (payee.kind) {
        case 'takes':
          return OK;
        case 'never':
          return NO_TRUST;
        case 'until':
          return number < payee.envelope ? OK : NO_TRUST;
        case 'after':
          return (failures.get(id) ?? 0) < payee.failures ? STRANGE : OK;
        case 'full':
          if (filled.has(destination)) return LINE_FULL;
          filled.add(destination);
          return OK;
      }
    });
    const applied = operations.every((one) => one === OK);
    if (applied) for (const destination of filled) full.add(destination);
    members.forEach(({ id }, index) => {
      if (operations[index] === OK) return;
      run.bad.add(id);
      failures.set(id, (failures.get(id) ?? 0) + 1);
    });
    const carried = members.map(
      ({ id, ownFailures, groupFailures, regroupId, destination }, position): CarriedSubmission => ({
        attemptId: `attempt-${String(number)}`,
        submissionId: id,
        position,
        ownFailures,
        groupFailures,
        regroupId,
        feesCharged: 0n,
        ageSeconds: 0,
        refusedSeconds: 0,
        paidFor: 'd',
        asset: 'XLM:native',
        destination,
      }),
    );
    const evidence: LookupAnswer = applied
      ? { kind: 'applied', proof: PROOF }
      : { kind: 'failed', proof: PROOF, code: 'tx_failed', class: 'later', operations };
    const verdict = verdictOn(attemptOf(`attempt-${String(number)}`), carried, evidence, BOUNDS);
    for (const one of verdict.settlements) {
      const before = queue.get(one.submissionId);
      if (before === undefined) throw new Error('settled twice');
      queue.delete(one.submissionId);
      if (one.move === 'settle') run.paid.push(one.submissionId);
      else if (one.move === 'reject') run.rejected.push(one.submissionId);
      else {
        queue.set(one.submissionId, {
          ...before,
          groupMax: one.groupMax ?? before.groupMax,
          regroupId: one.regroupId,
          ownFailures: before.ownFailures + Number(one.ownFailure),
          groupFailures: before.groupFailures + Number(one.groupFailure),
        });
      }
    }
  }
  return run;
}

const takes = fc.constant<Payee>({ kind: 'takes' });
const anyPayee: fc.Arbitrary<Payee> = fc.oneof(
  { weight: 8, arbitrary: takes },
  { weight: 1, arbitrary: fc.constant<Payee>({ kind: 'never' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('until' as const), envelope: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('after' as const), failures: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('full' as const), account: fc.nat(2) }) },
);

describe('a hundred payments that share a ledger transaction with bad ones', () => {
  it('are two envelopes when the bad ones are bad from the start', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: takes }, fc.constant<Payee>({ kind: 'never' })), {
          minLength: 1,
          maxLength: 100,
        }),
        (payees) => {
          const { envelopes, paid, rejected } = play(payees, 100);
          const bad = payees.filter((one) => one.kind === 'never').length;
          expect([paid.length, rejected.length]).toEqual([payees.length - bad, bad]);
          expect(envelopes.length).toBe(Number(bad > 0) + Number(bad < payees.length));
        },
      ),
    );
  });

  it('are through after as many envelopes as there are bad ones, and one more, whatever the bad ones do', () => {
    fc.assert(
      fc.property(fc.array(anyPayee, { minLength: 1, maxLength: 100 }), (payees) => {
        const { envelopes, paid, rejected, bad } = play(payees, 100);
        const good = new Set(
          payees.map((_, index) => String(index).padStart(4, '0')).filter((id) => !bad.has(id)),
        );
        const withGood = envelopes.filter((ids) => ids.some((id) => good.has(id)));
        expect(withGood.length).toBeLessThanOrEqual(bad.size + 1);
        expect([...paid, ...rejected].sort()).toEqual(
          payees.map((_, index) => String(index).padStart(4, '0')),
        );
        expect(rejected.filter((id) => good.has(id))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('are each paid or rejected by what they do themselves, in envelopes of any size', () => {
    fc.assert(
      fc.property(
        fc.array(anyPayee, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 100 }),
        (payees, max) => {
          const { envelopes, paid } = play(payees, max);
          expect(Math.max(...envelopes.map((one) => one.length))).toBeLessThanOrEqual(max);
          const isPaid = (index: number): boolean => paid.includes(String(index).padStart(4, '0'));
          payees.forEach((payee, index) => {
            if (payee.kind === 'takes') expect(isPaid(index)).toBe(true);
            if (payee.kind === 'never') expect(isPaid(index)).toBe(false);
            if (payee.kind === 'after') expect(isPaid(index)).toBe(payee.failures < OWN_FAILURES_MAX);
          });
          // Of those that share a full account exactly one is paid.
          const accounts = new Map<number, number>();
          payees.forEach((payee, index) => {
            if (payee.kind !== 'full') return;
            accounts.set(payee.account, (accounts.get(payee.account) ?? 0) + Number(isPaid(index)));
          });
          expect([...accounts.values()].every((count) => count === 1)).toBe(true);
        },
      ),
    );
  });
});
