import { xdr } from '@stellar/stellar-sdk';

import { partyOf } from '../addresses';
import { assetOf, isValidAsset, type LedgerAsset } from '../assets';
import { inner, type OperationContext, type OperationRule } from './operation-rule';
import { credit, debit } from './transfers';

export type DirectPaymentFailure =
  | 'NoDestination'
  | 'NoTrust'
  | 'NotAuthorized'
  | 'LineFull'
  | 'SrcNoTrust'
  | 'SrcNotAuthorized'
  | 'Underfunded';

export interface DirectPayment {
  readonly destination: string;
  readonly asset: LedgerAsset;
  readonly amount: bigint;
}

/** An issuer that has gone can still be paid back in its own asset. */
export const destinationExists = (
  context: OperationContext,
  destination: string,
  asset: LedgerAsset,
): boolean => asset?.issuer === destination || context.draft.accounts.get(destination) !== undefined;

/** Pays without a market in between. The network looks at the receiving side first. */
export function payDirectly(context: OperationContext, payment: DirectPayment): DirectPaymentFailure | null {
  const { amount, asset, destination } = payment;
  // The network moves nothing here, so it does not look whether there is enough.
  if (asset === null && destination === context.source) return null;
  if (!destinationExists(context, destination, asset)) return 'NoDestination';
  return (
    credit(context, { account: destination, asset, amount }) ??
    debit(context, { account: context.source, asset, amount })
  );
}

const answer = (code: xdr.PaymentResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.payment(xdr.PaymentResult[code]()));

export const paymentRule = (operation: xdr.PaymentOp): OperationRule => {
  const asset = assetOf(operation.asset);
  return {
    threshold: 'medium',
    check: () => (operation.amount <= 0n || !isValidAsset(asset) ? answer('paymentMalformed') : null),
    apply: (context) => {
      const destination = partyOf(operation.destination).account;
      const failure = payDirectly(context, { destination, asset, amount: operation.amount });
      return answer(failure === null ? 'paymentSuccess' : `payment${failure}`);
    },
  };
};
