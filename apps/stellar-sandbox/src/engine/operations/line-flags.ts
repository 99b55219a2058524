import { xdr } from '@stellar/stellar-sdk';

import { addressOf } from '../addresses';
import { assetOf, codeOfAssetCode, isValidAsset } from '../assets';
import { AccountFlag, hasFlag, lineKey, TrustLineFlag } from '../entries';
import { inner, type OperationContext, type OperationRule, sourceOf } from './operation-rule';

const AUTHORIZATION = TrustLineFlag.authorized + TrustLineFlag.maintainLiabilities;
const ALL = AUTHORIZATION + TrustLineFlag.clawbackEnabled;

const setAnswer = (code: xdr.SetTrustLineFlagsResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.setTrustLineFlags(xdr.SetTrustLineFlagsResult[code]()));

const allowAnswer = (code: xdr.AllowTrustResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.allowTrust(xdr.AllowTrustResult[code]()));

const rank = (flags: number): number => {
  if (hasFlag(flags, TrustLineFlag.authorized)) return 2;
  return hasFlag(flags, TrustLineFlag.maintainLiabilities) ? 1 : 0;
};

interface FlagChange {
  readonly trustor: string;
  readonly code: string;
  readonly set: number;
  readonly clear: number;
}

type FlagFailure = 'NoTrustLine' | 'CantRevoke' | 'InvalidState';

function changeFlags(context: OperationContext, change: FlagChange): FlagFailure | null {
  const key = lineKey(change.trustor, change.code, context.source);
  const line = context.draft.lines.get(key);
  if (line === undefined) return 'NoTrustLine';
  const flags = (line.flags & ~change.clear) | change.set;
  const revocable = hasFlag(sourceOf(context).flags, AccountFlag.authRevocable);
  if (!revocable && rank(flags) < rank(line.flags)) return 'CantRevoke';
  if ((flags & AUTHORIZATION) === AUTHORIZATION) return 'InvalidState';
  context.draft.lines.set(key, { ...line, flags, modified: context.ledger.sequence });
  return null;
}

export const setTrustLineFlagsRule = (operation: xdr.SetTrustLineFlagsOp): OperationRule => {
  const asset = assetOf(operation.asset);
  const trustor = addressOf(operation.trustor);
  const { clearFlags: clear, setFlags: set } = operation;
  const flagsAreGood =
    (set & clear) === 0 &&
    (set & ~AUTHORIZATION) === 0 &&
    (clear & ~ALL) === 0 &&
    (set & AUTHORIZATION) !== AUTHORIZATION;
  return {
    threshold: 'low',
    check: (source) =>
      asset === null || !isValidAsset(asset) || asset.issuer !== source || trustor === source || !flagsAreGood
        ? setAnswer('setTrustLineFlagsMalformed')
        : null,
    apply: (context) => {
      const failure = changeFlags(context, { trustor, code: asset?.code ?? '', set, clear });
      return setAnswer(failure === null ? 'setTrustLineFlagsSuccess' : `setTrustLineFlags${failure}`);
    },
  };
};

export const allowTrustRule = (operation: xdr.AllowTrustOp): OperationRule => {
  const trustor = addressOf(operation.trustor);
  const code = codeOfAssetCode(operation.asset);
  const type = operation.asset.type === 'assetTypeCreditAlphanum4' ? 'credit_alphanum4' : 'credit_alphanum12';
  const set = operation.authorize;
  return {
    threshold: 'low',
    check: (source) =>
      set > TrustLineFlag.maintainLiabilities ||
      trustor === source ||
      !isValidAsset({ code, issuer: source, type })
        ? allowAnswer('allowTrustMalformed')
        : null,
    apply: (context) => {
      // Here the network asks whether the issuer may revoke before it looks for the trustline.
      const revocable = hasFlag(sourceOf(context).flags, AccountFlag.authRevocable);
      if (set === 0 && !revocable) return allowAnswer('allowTrustCantRevoke');
      const failure = changeFlags(context, { trustor, code, set, clear: AUTHORIZATION & ~set });
      if (failure === null) return allowAnswer('allowTrustSuccess');
      return allowAnswer(failure === 'InvalidState' ? 'allowTrustMalformed' : `allowTrust${failure}`);
    },
  };
};
