import { xdr } from '@stellar/stellar-sdk';

import { type CreditAsset, isValidAsset, creditAssetOf } from '../assets';
import { AccountFlag, hasFlag, lineKey, type TrustLineEntry, TrustLineFlag } from '../entries';
import { inner, type OperationContext, type OperationRule } from './operation-rule';
import { addSubentry, removeSubentry } from './reserves';

type Code = xdr.ChangeTrustResult['type'];

const answer = (code: Code): xdr.OperationResult =>
  inner(xdr.OperationResultTr.changeTrust(xdr.ChangeTrustResult[code]()));

function change(line: TrustLineEntry, limit: bigint, context: OperationContext): Code {
  const key = lineKey(line.account, line.code, line.issuer);
  if (limit < line.balance) return 'changeTrustInvalidLimit';
  if (limit === 0n) {
    context.draft.lines.set(key, null);
    removeSubentry(context, line.account, line.sponsor);
    return 'changeTrustSuccess';
  }
  if (context.draft.accounts.get(line.issuer) === undefined) return 'changeTrustNoIssuer';
  context.draft.lines.set(key, { ...line, limit, modified: context.ledger.sequence });
  return 'changeTrustSuccess';
}

function add(asset: CreditAsset, limit: bigint, context: OperationContext): xdr.OperationResult {
  const { accounts, lines } = context.draft;
  if (limit === 0n) return answer('changeTrustInvalidLimit');
  const issuer = accounts.get(asset.issuer);
  if (issuer === undefined) return answer('changeTrustNoIssuer');
  const reserve = addSubentry(context, context.source);
  if (reserve.answer === 'too_many_subentries') return xdr.OperationResult.opTooManySubentries();
  if (reserve.answer === 'low_reserve') return answer('changeTrustLowReserve');
  const authorized = hasFlag(issuer.flags, AccountFlag.authRequired) ? 0 : TrustLineFlag.authorized;
  const clawback = hasFlag(issuer.flags, AccountFlag.clawbackEnabled) ? TrustLineFlag.clawbackEnabled : 0;
  lines.set(lineKey(context.source, asset.code, asset.issuer), {
    account: context.source,
    code: asset.code,
    issuer: asset.issuer,
    balance: 0n,
    limit,
    flags: authorized + clawback,
    sponsor: reserve.sponsor,
    modified: context.ledger.sequence,
  });
  return answer('changeTrustSuccess');
}

export const changeTrustRule = (operation: xdr.ChangeTrustOp): OperationRule => {
  const asset = creditAssetOf(operation.line);
  return {
    threshold: 'medium',
    check: (source) => {
      if (operation.line.type === 'assetTypePoolShare') return xdr.OperationResult.opNotSupported();
      const good = asset !== null && isValidAsset(asset) && operation.limit >= 0n && asset.issuer !== source;
      return good ? null : answer('changeTrustMalformed');
    },
    apply: (context) => {
      if (asset === null) return answer('changeTrustMalformed');
      const line = context.draft.lines.get(lineKey(context.source, asset.code, asset.issuer));
      return line === undefined
        ? add(asset, operation.limit, context)
        : answer(change(line, operation.limit, context));
    },
  };
};
