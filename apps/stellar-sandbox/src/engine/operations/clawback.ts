import { xdr } from '@stellar/stellar-sdk';

import { partyOf } from '../addresses';
import { assetOf, isValidAsset } from '../assets';
import { hasFlag, lineKey, TrustLineFlag } from '../entries';
import { inner, type OperationContext, type OperationRule } from './operation-rule';

type Code = xdr.ClawbackResult['type'];

const answer = (code: Code): xdr.OperationResult =>
  inner(xdr.OperationResultTr.clawback(xdr.ClawbackResult[code]()));

function takeBack(context: OperationContext, key: string, amount: bigint): Code {
  const line = context.draft.lines.get(key);
  if (line === undefined) return 'clawbackNoTrust';
  if (!hasFlag(line.flags, TrustLineFlag.clawbackEnabled)) return 'clawbackNotClawbackEnabled';
  if (line.balance < amount) return 'clawbackUnderfunded';
  context.draft.lines.set(key, {
    ...line,
    balance: line.balance - amount,
    modified: context.ledger.sequence,
  });
  return 'clawbackSuccess';
}

export const clawbackRule = (operation: xdr.ClawbackOp): OperationRule => {
  const asset = assetOf(operation.asset);
  const from = partyOf(operation.from).account;
  return {
    threshold: 'medium',
    check: (source) =>
      operation.amount <= 0n ||
      asset === null ||
      !isValidAsset(asset) ||
      asset.issuer !== source ||
      from === source
        ? answer('clawbackMalformed')
        : null,
    apply: (context) =>
      answer(takeBack(context, lineKey(from, asset?.code ?? '', context.source), operation.amount)),
  };
};
