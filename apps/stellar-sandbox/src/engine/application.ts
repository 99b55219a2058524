import { xdr } from '@stellar/stellar-sdk';

import type { AccountEntry } from './entries';
import type { InnerTransaction, LedgerOperation, LedgerTransaction } from './envelope';
import { Draft } from './ledger-state';
import { defaultSuccess } from './operations/default-success';
import { isSuccess, type LedgerBeingMade } from './operations/operation-rule';
import { removeSubentry } from './operations/reserves';
import { ruleOf } from './operations/rules';
import type { Outcome, Verdict } from './results';
import { SignatureCheck } from './signatures';
import {
  isAuthorised,
  isBadSequence,
  isOperationAuthorised,
  isTooEarlyForAccount,
  plain,
  problemOfForm,
} from './validity';

export interface Application {
  readonly ledger: LedgerBeingMade;
  /** The ledger's draft: it gets the fee and the sequence number whatever the operations do. */
  readonly draft: Draft;
  /** What an operation costs in this ledger, in stroops. */
  readonly effectiveFee: bigint;
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

const putAccount = (application: Application, account: AccountEntry): void => {
  application.draft.accounts.set(account.id, { ...account, modified: application.ledger.sequence });
};

/** Takes the fee. All fees of a ledger are taken before the first operation is applied. */
export function chargeFee(transaction: LedgerTransaction, application: Application): bigint {
  const due = smaller(transaction.feeBid, application.effectiveFee * BigInt(Math.max(1, transaction.weight)));
  const payer = application.draft.accounts.get(transaction.feeSource.account);
  if (payer === undefined) return 0n;
  const fee = smaller(payer.balance, due);
  putAccount(application, { ...payer, balance: payer.balance - fee });
  return fee;
}

/** A signer that pre-authorised this very ledger transaction has done its work. */
function removeOneTimeSigners(application: Application, accounts: Iterable<string>, key: string): void {
  for (const id of new Set(accounts)) {
    const account = application.draft.accounts.get(id);
    const signer = account?.signers.find((one) => one.key === key);
    if (account === undefined || signer === undefined) continue;
    putAccount(application, { ...account, signers: account.signers.filter((one) => one !== signer) });
    removeSubentry({ ...application, source: id, sponsorships: new Map() }, id, signer.sponsor);
  }
}

function applyOperation(operation: LedgerOperation, context: OperationsContext): xdr.OperationResult {
  const source = operation.source.account;
  if (context.draft.accounts.get(source) === undefined) return xdr.OperationResult.opNoAccount();
  const rule = ruleOf(operation.body);
  const draft = new Draft(context.draft);
  const result =
    rule.check(source) ??
    rule.apply({ draft, ledger: context.ledger, source, sponsorships: context.sponsorships });
  if (isSuccess(result)) draft.commitTo(context.draft);
  return result;
}

interface OperationsContext {
  readonly draft: Draft;
  readonly ledger: LedgerBeingMade;
  readonly sponsorships: Map<string, string>;
}

/** All operations or none. The results of those after a failed one are still worked out, as the network does. */
function applyOperations(inner: InnerTransaction, application: Application): Verdict {
  const draft = new Draft(application.draft);
  const context = { draft, ledger: application.ledger, sponsorships: new Map<string, string>() };
  const operations = inner.operations.map((operation) => applyOperation(operation, context));
  if (!operations.every(isSuccess)) return { code: 'txFailed', operations };
  if (context.sponsorships.size > 0) return plain('txBadSponsorship');
  draft.commitTo(application.draft);
  return { code: 'txSuccess', operations };
}

function applyInner(inner: InnerTransaction, application: Application): Verdict {
  const { draft, effectiveFee, ledger } = application;
  const context = { state: draft, ledger, latestCloseTime: ledger.closeTime, baseFee: effectiveFee };
  const form = problemOfForm(inner, context);
  if (form !== null) return plain(form);
  const account = draft.accounts.get(inner.source.account);
  if (account === undefined) return plain('txNoAccount');
  if (isBadSequence(inner, account, ledger.sequence)) return plain('txBadSeq');
  // From here on the sequence number is used up, whatever happens.
  putAccount(application, {
    ...account,
    sequence: inner.sequence,
    sequenceLedger: ledger.sequence,
    sequenceTime: ledger.closeTime,
  });
  if (isTooEarlyForAccount(inner, account, ledger)) return plain('txBadMinSeqAgeOrGap');
  const check = new SignatureCheck(inner);
  if (!isAuthorised(inner, account, check)) return plain('txBadAuth');
  const authorised = inner.operations.map((operation) => isOperationAuthorised(operation, draft, check));
  const sources = [inner.source.account, ...inner.operations.map(({ source }) => source.account)];
  removeOneTimeSigners(application, sources, check.preAuthorised);
  if (authorised.includes(false)) {
    const operations = authorised.map((good, index) => {
      const body = inner.operations[index]?.body;
      return good && body !== undefined ? defaultSuccess(body) : xdr.OperationResult.opBadAuth();
    });
    return { code: 'txFailed', operations };
  }
  if (!check.allUsed()) return plain('txBadAuthExtra');
  return applyOperations(inner, application);
}

/** Applies a ledger transaction whose fee was taken. */
export function applyTransaction(
  transaction: LedgerTransaction,
  application: Application,
  feeCharged: bigint,
): Outcome {
  const { bump, inner } = transaction;
  if (bump === null) {
    const verdict = applyInner(inner, application);
    return { successful: verdict.code === 'txSuccess', feeCharged, verdict, innerFee: null };
  }
  const payer = application.draft.accounts.get(bump.feeSource.account);
  const check = new SignatureCheck(bump);
  const refused = (verdict: Verdict): Outcome => ({ successful: false, feeCharged, verdict, innerFee: null });
  if (payer === undefined) return refused(plain('txNoAccount'));
  if (!check.account(payer, payer.thresholds.low)) return refused(plain('txBadAuth'));
  if (!check.allUsed()) return refused(plain('txBadAuthExtra'));
  removeOneTimeSigners(application, [payer.id], check.preAuthorised);
  const verdict = applyInner(inner, application);
  const innerFee = smaller(inner.feeBid, application.effectiveFee * BigInt(inner.operations.length));
  return { successful: verdict.code === 'txSuccess', feeCharged, verdict, innerFee };
}
