import { xdr } from '@stellar/stellar-sdk';

import { partyOf } from '../addresses';
import { assetOf, isValidAsset, sameLedgerAsset } from '../assets';
import { inner, type OperationContext, type OperationRule } from './operation-rule';
import { destinationExists } from './payment';
import { credit, debit } from './transfers';

/*
 * There are no offers on this network, so a path payment succeeds only where it needs no market: from an asset
 * to the same asset. Every other one ends as it does on a real network with empty order books.
 */

type ReceiveCode = xdr.PathPaymentStrictReceiveResult['type'];
type SendCode = xdr.PathPaymentStrictSendResult['type'];
type PlainReceiveCode = Exclude<
  ReceiveCode,
  'pathPaymentStrictReceiveSuccess' | 'pathPaymentStrictReceiveNoIssuer'
>;
type PlainSendCode = Exclude<SendCode, 'pathPaymentStrictSendSuccess' | 'pathPaymentStrictSendNoIssuer'>;

const receiveAnswer = (result: xdr.PathPaymentStrictReceiveResult): xdr.OperationResult =>
  inner(xdr.OperationResultTr.pathPaymentStrictReceive(result));

const sendAnswer = (result: xdr.PathPaymentStrictSendResult): xdr.OperationResult =>
  inner(xdr.OperationResultTr.pathPaymentStrictSend(result));

const receiveFailure = (code: PlainReceiveCode): xdr.OperationResult =>
  receiveAnswer(xdr.PathPaymentStrictReceiveResult[code]());

const sendFailure = (code: PlainSendCode): xdr.OperationResult =>
  sendAnswer(xdr.PathPaymentStrictSendResult[code]());

function lastOf(destination: xdr.MuxedAccount, asset: xdr.Asset, amount: bigint): xdr.SimplePaymentResult {
  const key = destination.type === 'keyTypeEd25519' ? destination.ed25519 : destination.med25519.ed25519;
  return new xdr.SimplePaymentResult({
    destination: xdr.PublicKey.publicKeyTypeEd25519(key.value),
    asset,
    amount,
  });
}

function receive(operation: xdr.PathPaymentStrictReceiveOp, context: OperationContext): xdr.OperationResult {
  const sendAsset = assetOf(operation.sendAsset);
  const asset = assetOf(operation.destAsset);
  const destination = partyOf(operation.destination).account;
  const amount = operation.destAmount;
  const direct = sameLedgerAsset(sendAsset, asset) && operation.path.length === 0;
  const exists = direct
    ? destinationExists(context, destination, asset)
    : context.draft.accounts.get(destination) !== undefined;
  if (!exists) return receiveFailure('pathPaymentStrictReceiveNoDestination');
  const creditFailure = credit(context, { account: destination, asset, amount });
  if (creditFailure !== null) return receiveFailure(`pathPaymentStrictReceive${creditFailure}`);
  if (!direct) return receiveFailure('pathPaymentStrictReceiveTooFewOffers');
  if (amount > operation.sendMax) return receiveFailure('pathPaymentStrictReceiveOverSendmax');
  const debitFailure = debit(context, { account: context.source, asset, amount });
  if (debitFailure !== null) return receiveFailure(`pathPaymentStrictReceive${debitFailure}`);
  return receiveAnswer(
    xdr.PathPaymentStrictReceiveResult.pathPaymentStrictReceiveSuccess(
      new xdr.PathPaymentStrictReceiveResultSuccess({
        offers: [],
        last: lastOf(operation.destination, operation.destAsset, amount),
      }),
    ),
  );
}

function send(operation: xdr.PathPaymentStrictSendOp, context: OperationContext): xdr.OperationResult {
  const sendAsset = assetOf(operation.sendAsset);
  const asset = assetOf(operation.destAsset);
  const destination = partyOf(operation.destination).account;
  const amount = operation.sendAmount;
  const direct = sameLedgerAsset(sendAsset, asset) && operation.path.length === 0;
  const exists = direct
    ? destinationExists(context, destination, asset)
    : context.draft.accounts.get(destination) !== undefined;
  if (!exists) return sendFailure('pathPaymentStrictSendNoDestination');
  const debitFailure = debit(context, { account: context.source, asset: sendAsset, amount });
  if (debitFailure !== null) return sendFailure(`pathPaymentStrictSend${debitFailure}`);
  if (!direct) return sendFailure('pathPaymentStrictSendTooFewOffers');
  if (amount < operation.destMin) return sendFailure('pathPaymentStrictSendUnderDestmin');
  const creditFailure = credit(context, { account: destination, asset, amount });
  if (creditFailure !== null) return sendFailure(`pathPaymentStrictSend${creditFailure}`);
  return sendAnswer(
    xdr.PathPaymentStrictSendResult.pathPaymentStrictSendSuccess(
      new xdr.PathPaymentStrictSendResultSuccess({
        offers: [],
        last: lastOf(operation.destination, operation.destAsset, amount),
      }),
    ),
  );
}

const allValid = (...assets: readonly xdr.Asset[]): boolean =>
  assets.every((asset) => isValidAsset(assetOf(asset)));

export const strictReceiveRule = (operation: xdr.PathPaymentStrictReceiveOp): OperationRule => ({
  threshold: 'medium',
  check: () =>
    operation.destAmount <= 0n ||
    operation.sendMax <= 0n ||
    !allValid(operation.sendAsset, operation.destAsset, ...operation.path)
      ? receiveFailure('pathPaymentStrictReceiveMalformed')
      : null,
  apply: (context) => receive(operation, context),
});

export const strictSendRule = (operation: xdr.PathPaymentStrictSendOp): OperationRule => ({
  threshold: 'medium',
  check: () =>
    operation.sendAmount <= 0n ||
    operation.destMin <= 0n ||
    !allValid(operation.sendAsset, operation.destAsset, ...operation.path)
      ? sendFailure('pathPaymentStrictSendMalformed')
      : null,
  apply: (context) => send(operation, context),
});
