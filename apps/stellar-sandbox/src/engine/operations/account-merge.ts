import { xdr } from '@stellar/stellar-sdk';

import { partyOf } from '../addresses';
import { AccountFlag, hasFlag, INT64_MAX } from '../entries';
import { startingSequence } from './create-account';
import { inner, type OperationContext, type OperationRule, putAccount, sourceOf } from './operation-rule';
import { giveBackReserve, removeSubentry } from './reserves';

const answer = (result: xdr.AccountMergeResult): xdr.OperationResult =>
  inner(xdr.OperationResultTr.accountMerge(result));

type Failure = Exclude<xdr.AccountMergeResult['type'], 'accountMergeSuccess'>;

function obstacle(destination: string, context: OperationContext): Failure | null {
  const source = sourceOf(context);
  const target = context.draft.accounts.get(destination);
  if (target === undefined) return 'accountMergeNoAccount';
  if (hasFlag(source.flags, AccountFlag.authImmutable)) return 'accountMergeImmutableSet';
  if (source.subentries !== source.signers.length) return 'accountMergeHasSubEntries';
  if (source.sequence >= startingSequence(context.ledger.sequence)) return 'accountMergeSeqnumTooFar';
  const sponsorsNow = [...context.sponsorships.values()].includes(source.id);
  if (source.sponsoring > 0 || sponsorsNow) return 'accountMergeIsSponsor';
  if (target.balance + source.balance > INT64_MAX) return 'accountMergeDestFull';
  return null;
}

function merge(destination: string, context: OperationContext): xdr.OperationResult {
  const failure = obstacle(destination, context);
  if (failure !== null) return answer(xdr.AccountMergeResult[failure]());
  const { accounts } = context.draft;
  const source = sourceOf(context);
  for (const signer of source.signers) removeSubentry(context, source.id, signer.sponsor);
  if (source.sponsor !== null) giveBackReserve(context, source.sponsor, 2);
  // Read only now: the destination may have been the sponsor above.
  const target = accounts.get(destination);
  if (target !== undefined) putAccount(context, { ...target, balance: target.balance + source.balance });
  accounts.set(source.id, null);
  return answer(xdr.AccountMergeResult.accountMergeSuccess(source.balance));
}

export const accountMergeRule = (to: xdr.MuxedAccount): OperationRule => {
  const destination = partyOf(to).account;
  return {
    threshold: 'high',
    check: (source) =>
      destination === source ? answer(xdr.AccountMergeResult.accountMergeMalformed()) : null,
    apply: (context) => merge(destination, context),
  };
};
