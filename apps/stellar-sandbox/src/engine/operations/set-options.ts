import { xdr } from '@stellar/stellar-sdk';

import { addressOf, signerAddress } from '../addresses';
import { AccountFlag, type AccountEntry, hasFlag } from '../entries';
import { inner, type OperationContext, type OperationRule, putAccount, sourceOf } from './operation-rule';
import { addSubentry, removeSubentry } from './reserves';

type Code = xdr.SetOptionsResult['type'];

const SIGNERS_MAX = 20;
const ALL_FLAGS = 15;
const AUTH_FLAGS = AccountFlag.authRequired + AccountFlag.authRevocable + AccountFlag.authImmutable;

const answer = (code: Code): xdr.OperationResult =>
  inner(xdr.OperationResultTr.setOptions(xdr.SetOptionsResult[code]()));

/** A string of the ledger: printable ASCII only. */
export const isLedgerText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 0x20 && byte < 0x7f);

function mistake(operation: xdr.SetOptionsOp, source: string): Code | null {
  const set = operation.setFlags ?? 0;
  const clear = operation.clearFlags ?? 0;
  if (((set | clear) & ~ALL_FLAGS) !== 0) return 'setOptionsUnknownFlag';
  if ((set & clear) !== 0) return 'setOptionsBadFlags';
  const weights = [
    operation.masterWeight,
    operation.lowThreshold,
    operation.medThreshold,
    operation.highThreshold,
  ];
  if (weights.some((weight) => weight !== null && weight > 255)) return 'setOptionsThresholdOutOfRange';
  if (operation.signer !== null) {
    const { key, weight } = operation.signer;
    const emptyPayload =
      key.type === 'signerKeyTypeEd25519SignedPayload' && key.ed25519SignedPayload.payload.length === 0;
    if (weight > 255 || emptyPayload || signerAddress(key) === source) return 'setOptionsBadSigner';
  }
  if (operation.homeDomain !== null && !isLedgerText(operation.homeDomain.bytes)) {
    return 'setOptionsInvalidHomeDomain';
  }
  return null;
}

function flagsAfter(account: AccountEntry, operation: xdr.SetOptionsOp): number | Code {
  const set = operation.setFlags ?? 0;
  const clear = operation.clearFlags ?? 0;
  const immutable = hasFlag(account.flags, AccountFlag.authImmutable);
  if (immutable && hasFlag(set | clear, AUTH_FLAGS + AccountFlag.clawbackEnabled))
    return 'setOptionsCantChange';
  const flags = (account.flags & ~clear) | set;
  const needsRevocable =
    hasFlag(flags, AccountFlag.clawbackEnabled) && !hasFlag(flags, AccountFlag.authRevocable);
  return needsRevocable ? 'setOptionsAuthRevocableRequired' : flags;
}

function removeSigner(context: OperationContext, key: string): void {
  const account = sourceOf(context);
  const signer = account.signers.find((one) => one.key === key);
  if (signer === undefined) return;
  putAccount(context, { ...account, signers: account.signers.filter((one) => one !== signer) });
  removeSubentry(context, account.id, signer.sponsor);
}

function putSigner(context: OperationContext, signer: xdr.Signer): xdr.OperationResult | null {
  const key = signerAddress(signer.key);
  const { weight } = signer;
  if (weight === 0) {
    removeSigner(context, key);
    return null;
  }
  const account = sourceOf(context);
  const at = account.signers.findIndex((one) => one.key === key);
  if (at !== -1) {
    const signers = account.signers.map((one, index) => (index === at ? { ...one, weight } : one));
    putAccount(context, { ...account, signers });
    return null;
  }
  if (account.signers.length >= SIGNERS_MAX) return answer('setOptionsTooManySigners');
  const reserve = addSubentry(context, account.id);
  if (reserve.answer === 'too_many_subentries') return xdr.OperationResult.opTooManySubentries();
  if (reserve.answer === 'low_reserve') return answer('setOptionsLowReserve');
  const current = sourceOf(context);
  const signers = [...current.signers, { key, weight, sponsor: reserve.sponsor }];
  putAccount(context, { ...current, signers });
  return null;
}

function setOptions(operation: xdr.SetOptionsOp, context: OperationContext): xdr.OperationResult {
  const account = sourceOf(context);
  const destination = operation.inflationDest === null ? null : addressOf(operation.inflationDest);
  if (destination !== null && context.draft.accounts.get(destination) === undefined) {
    return answer('setOptionsInvalidInflation');
  }
  const flags = flagsAfter(account, operation);
  if (typeof flags === 'string') return answer(flags);
  putAccount(context, {
    ...account,
    flags,
    inflationDestination: destination ?? account.inflationDestination,
    homeDomain: operation.homeDomain === null ? account.homeDomain : operation.homeDomain.toString(),
    thresholds: {
      master: operation.masterWeight ?? account.thresholds.master,
      low: operation.lowThreshold ?? account.thresholds.low,
      medium: operation.medThreshold ?? account.thresholds.medium,
      high: operation.highThreshold ?? account.thresholds.high,
    },
  });
  const failure = operation.signer === null ? null : putSigner(context, operation.signer);
  return failure ?? answer('setOptionsSuccess');
}

export const setOptionsRule = (operation: xdr.SetOptionsOp): OperationRule => {
  const changesPower =
    operation.masterWeight !== null ||
    operation.lowThreshold !== null ||
    operation.medThreshold !== null ||
    operation.highThreshold !== null ||
    operation.signer !== null;
  return {
    threshold: changesPower ? 'high' : 'medium',
    check: (source) => {
      const code = mistake(operation, source);
      return code === null ? null : answer(code);
    },
    apply: (context) => setOptions(operation, context),
  };
};
