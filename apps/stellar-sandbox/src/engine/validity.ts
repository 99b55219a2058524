import { xdr } from '@stellar/stellar-sdk';

import { signerAddress } from './addresses';
import { type AccountEntry, spendableBalance } from './entries';
import type { FeeBump, InnerTransaction, LedgerOperation, LedgerTransaction } from './envelope';
import type { StateView } from './ledger-state';
import { defaultSuccess } from './operations/default-success';
import type { LedgerBeingMade, ThresholdLevel } from './operations/operation-rule';
import { ruleOf } from './operations/rules';
import { startingSequence } from './operations/create-account';
import type { Outcome, PlainCode, Verdict } from './results';
import { SignatureCheck } from './signatures';

export interface ValidityContext {
  readonly state: StateView;
  readonly ledger: LedgerBeingMade;
  /** Bounds that end before this moment (Unix seconds) count as over: what is sent now closes later. */
  readonly latestCloseTime: number;
  /** In stroops for each operation. */
  readonly baseFee: bigint;
}

export const plain = (code: PlainCode): Verdict => ({ code });

export const feeUnits = (count: number): bigint => BigInt(Math.max(1, count));

const thresholdOf = (account: AccountEntry, level: ThresholdLevel): number => account.thresholds[level];

function outOfBounds(inner: InnerTransaction, context: ValidityContext): PlainCode | null {
  const { ledger, latestCloseTime } = context;
  const { ledgerBounds, timeBounds } = inner.conditions;
  if (timeBounds !== null && timeBounds.minTime > BigInt(ledger.closeTime)) return 'txTooEarly';
  if (ledgerBounds !== null && ledgerBounds.minLedger > ledger.sequence) return 'txTooEarly';
  if (timeBounds !== null && timeBounds.maxTime !== 0n && timeBounds.maxTime < BigInt(latestCloseTime)) {
    return 'txTooLate';
  }
  const maxLedger = ledgerBounds?.maxLedger ?? 0;
  return maxLedger !== 0 && maxLedger <= ledger.sequence ? 'txTooLate' : null;
}

/** What can be said before the account is looked at. */
export function problemOfForm(inner: InnerTransaction, context: ValidityContext): PlainCode | null {
  if (inner.operations.length === 0) return 'txMissingOperation';
  const extra = inner.conditions.extraSigners.map(signerAddress);
  if (new Set(extra).size !== extra.length) return 'txMalformed';
  return outOfBounds(inner, context);
}

export function isBadSequence(inner: InnerTransaction, account: AccountEntry, ledger: number): boolean {
  const { minSequence } = inner.conditions;
  if (inner.sequence < 0n || inner.sequence === startingSequence(ledger)) return true;
  if (minSequence === null) return inner.sequence !== account.sequence + 1n;
  return account.sequence < minSequence || account.sequence >= inner.sequence;
}

export function isTooEarlyForAccount(
  inner: InnerTransaction,
  account: AccountEntry,
  ledger: LedgerBeingMade,
): boolean {
  const { minSequenceAge, minSequenceLedgerGap } = inner.conditions;
  return (
    BigInt(ledger.closeTime - account.sequenceTime) < minSequenceAge ||
    ledger.sequence - account.sequenceLedger < minSequenceLedgerGap
  );
}

/** Whether the account agrees to send this at all, and every signer that the preconditions name has signed. */
export function isAuthorised(inner: InnerTransaction, account: AccountEntry, check: SignatureCheck): boolean {
  return (
    check.account(account, account.thresholds.low) &&
    inner.conditions.extraSigners.every((key) => check.key(signerAddress(key)))
  );
}

export function isOperationAuthorised(
  operation: LedgerOperation,
  state: StateView,
  check: SignatureCheck,
): boolean {
  const account = state.accounts.get(operation.source.account);
  if (account === undefined) return check.key(operation.source.account);
  return check.account(account, thresholdOf(account, ruleOf(operation.body).threshold));
}

function operationProblem(
  operation: LedgerOperation,
  state: StateView,
  check: SignatureCheck,
): xdr.OperationResult | null {
  if (!isOperationAuthorised(operation, state, check)) return xdr.OperationResult.opBadAuth();
  return ruleOf(operation.body).check(operation.source.account);
}

/** What is wrong with the inner ledger transaction, as seen before the next ledger. */
function innerProblem(inner: InnerTransaction, context: ValidityContext, paysFee: boolean): Verdict | null {
  const form = problemOfForm(inner, context);
  if (form !== null) return plain(form);
  const { baseFee, ledger, state } = context;
  if (paysFee && inner.feeBid < baseFee * feeUnits(inner.operations.length))
    return plain('txInsufficientFee');
  const account = state.accounts.get(inner.source.account);
  if (account === undefined) return plain('txNoAccount');
  if (isBadSequence(inner, account, ledger.sequence)) return plain('txBadSeq');
  if (isTooEarlyForAccount(inner, account, ledger)) return plain('txBadMinSeqAgeOrGap');
  const check = new SignatureCheck(inner);
  if (!isAuthorised(inner, account, check)) return plain('txBadAuth');
  if (paysFee && spendableBalance(account, ledger.baseReserve, state) < inner.feeBid) {
    return plain('txInsufficientBalance');
  }
  const problems = inner.operations.map((operation) => operationProblem(operation, state, check));
  if (problems.some((problem) => problem !== null)) {
    const operations = problems.map((problem, index) => {
      const body = inner.operations[index]?.body;
      return problem ?? (body === undefined ? xdr.OperationResult.opBadAuth() : defaultSuccess(body));
    });
    return { code: 'txFailed', operations };
  }
  return check.allUsed() ? null : plain('txBadAuthExtra');
}

/** The least total that a fee bump may bid: its own rate must not be below the inner one's. */
function requiredBumpFee(inner: InnerTransaction, bump: FeeBump, baseFee: bigint): bigint | null {
  const units = BigInt(inner.operations.length + 1);
  const least = baseFee * units;
  if (bump.feeBid < least) return least;
  const innerUnits = feeUnits(inner.operations.length);
  if (bump.feeBid * innerUnits >= inner.feeBid * units) return null;
  return (inner.feeBid * units + innerUnits - 1n) / innerUnits;
}

function bumpProblem(inner: InnerTransaction, bump: FeeBump, context: ValidityContext): Outcome | null {
  const { baseFee, ledger, state } = context;
  const fee = baseFee * BigInt(inner.operations.length + 1);
  const refused = (verdict: Verdict, innerFee: bigint | null, feeCharged = fee): Outcome => ({
    successful: false,
    feeCharged,
    verdict,
    innerFee,
  });
  const required = requiredBumpFee(inner, bump, baseFee);
  if (required !== null) return refused(plain('txInsufficientFee'), null, required);
  const account = state.accounts.get(bump.feeSource.account);
  if (account === undefined) return refused(plain('txNoAccount'), null);
  const check = new SignatureCheck(bump);
  if (!check.account(account, account.thresholds.low)) return refused(plain('txBadAuth'), null);
  if (spendableBalance(account, ledger.baseReserve, state) < bump.feeBid) {
    return refused(plain('txInsufficientBalance'), null);
  }
  if (!check.allUsed()) return refused(plain('txBadAuthExtra'), null);
  const verdict = innerProblem(inner, context, false);
  return verdict === null ? null : refused(verdict, 0n);
}

/** Why the network would not take this ledger transaction now, or `null` when it would. Costs the sender nothing. */
export function refusalOf(transaction: LedgerTransaction, context: ValidityContext): Outcome | null {
  const { bump, inner } = transaction;
  if (bump !== null) return bumpProblem(inner, bump, context);
  const verdict = innerProblem(inner, context, true);
  if (verdict === null) return null;
  const feeCharged = context.baseFee * feeUnits(inner.operations.length);
  return { successful: false, feeCharged, verdict, innerFee: null };
}
