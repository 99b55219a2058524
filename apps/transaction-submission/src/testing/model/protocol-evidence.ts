import { attemptMachine, submissionMachine } from '@libs/domain';
import { inclusionOf, type LedgerTransaction, type LookupAnswer, type LookupQuery } from '@libs/ledger';
import { type LiveAttempt, verdictOn } from '@libs/submissions';

import { nextStep, type NextStep } from '../../sending/resending.policy';
import type { AttemptState } from './protocol-state';

/*
 * The bridge from the model to the code that it is about: the machines of libs/domain, what is evidence (libs/ledger), what
 * evidence means for a payment (libs/submissions), and what is done about an attempt that has none (the engine).
 */

const NOW = 1_000;
const PATIENCE = 4;
const CHANNEL = 'the channel account';
const REFUSAL = { code: 'op_malformed', operationCodes: ['op_malformed'] };

/** Nothing is given up for its cost. */
const GENEROUS = { feesMax: 1_000_000_000n, ownHashes: new Set<string>() };

const at = (ledger: number): Date => new Date(ledger * 1_000);

const queryOf = (attempt: AttemptState): LookupQuery => ({
  reference: `hash ${String(attempt.id)}`,
  channel: CHANNEL,
  sequence: BigInt(NOW + attempt.ahead),
  maxTime: at(NOW + attempt.left),
  lastSeen: { sequence: NOW - 1, hash: 'the same history' },
});

const liveOf = (attempt: AttemptState): LiveAttempt => ({
  id: String(attempt.id),
  status: attempt.status,
  query: queryOf(attempt),
  channelEpoch: 1n,
  distribution: 'the distribution account',
  operations: 1,
  feeRate: 100n,
  sends: 1,
  refusalCode: attempt.isRefused ? REFUSAL.code : null,
  sentAtLedger: NOW - PATIENCE,
  answer: attempt.isRefused ? 'supersede' : attempt.status === 'LOST' ? 'silent' : 'accepted',
  cause: attempt.isRefused ? REFUSAL : null,
  feeNeeded: null,
  contradicted: false,
});

function transactionOf(attempt: AttemptState): LedgerTransaction {
  const isOwn = attempt.fate !== 'superseded';
  return {
    innerHash: isOwn ? `hash ${String(attempt.id)}` : 'another hash',
    envelopeHash: 'the envelope',
    successful: attempt.fate !== 'failed',
    ledger: NOW,
    closedAt: at(NOW),
    sourceAccount: CHANNEL,
    sourceSequence: BigInt(NOW + attempt.ahead),
    feeAccount: 'the distribution account',
    feeCharged: 200n,
    memo: null,
    operationCount: 1,
    pagingToken: String(NOW << 12),
    resultCode: attempt.fate === 'failed' ? 'tx_failed' : 'tx_success',
    operationCodes: [],
  };
}

export type Evidence = Exclude<LookupAnswer, { readonly kind: 'notYet' }>;

/** What the ledger transaction that used the sequence number proves. */
export function evidenceOfFate(attempt: AttemptState): Evidence {
  const inclusion = inclusionOf(queryOf(attempt), transactionOf(attempt));
  if (inclusion === null) throw new Error('what used the sequence number is about the attempt');
  if (inclusion.kind !== 'failed') return inclusion;
  return {
    kind: 'failed',
    proof: inclusion.proof,
    code: 'tx_failed',
    class: 'later',
    operations: [{ code: 'op_no_destination', class: 'final', dependsOnOrder: false }],
  };
}

export const EXPIRED: Evidence = {
  kind: 'expired',
  proof: { node: 'a node', channelSequence: BigInt(NOW), latestLedger: NOW, latestClosedAt: at(NOW) },
};

/** A node that claims to have seen something else at the sequence number. */
export const SUPERSEDED: Evidence = {
  kind: 'superseded',
  proof: {
    ledger: NOW,
    closedAt: at(NOW),
    envelopeHash: '',
    innerHash: 'another hash',
    sourceAccount: CHANNEL,
    feeCharged: 100n,
    operationIds: [],
  },
};

/** What becomes of the payment of an attempt that ends by this evidence. Null when the machines do not allow it. */
export function endOf(
  attempt: AttemptState,
  submission: Parameters<typeof canMove>[0],
  evidence: Evidence,
): { readonly submission: 'SUCCESS' | 'QUEUED' | 'ERROR'; readonly sequenceUsed: boolean } | null {
  const carried = {
    attemptId: String(attempt.id),
    submissionId: 'the submission',
    position: 0,
    ownFailures: 0,
    groupFailures: 0,
    regroupId: null,
    asset: 'XLM',
    destination: 'the destination',
    paidFor: 'the payment',
    feesCharged: 0n,
    ageSeconds: 1,
    refusedSeconds: 0,
  };
  const { ending, settlements } = verdictOn(liveOf(attempt), [carried], evidence, GENEROUS);
  const [settlement] = settlements;
  if (settlement === undefined) throw new Error('an attempt decides about its payment');
  if (!attemptMachine.sourcesOf(ending.end).includes(attempt.status)) return null;
  if (!canMove(submission, settlement.move)) return null;
  const target = submissionMachine.targetOf(settlement.move);
  if (target !== 'SUCCESS' && target !== 'QUEUED' && target !== 'ERROR') throw new Error(`no end: ${target}`);
  return { submission: target, sequenceUsed: ending.sequenceUsed };
}

type SubmissionState = (typeof submissionMachine.states)[number];

export const canMove = (from: SubmissionState, move: (typeof submissionMachine.moveNames)[number]): boolean =>
  submissionMachine.sourcesOf(move).includes(from);

/** What the engine does about a live attempt when it has waited long enough. */
export const stepFor = (attempt: AttemptState): NextStep =>
  nextStep(
    liveOf(attempt),
    {
      sequence: NOW,
      hash: 'the newest ledger',
      previousHash: 'the one before',
      closedAt: at(NOW),
      baseReserve: 5_000_000n,
      transactionCount: 0,
      maxOperations: 1_000,
    },
    null,
  );
