import type { xdr } from '@stellar/stellar-sdk';

import { addressOf, partyOf } from '../engine/addresses';
import type { LedgerOperation } from '../engine/envelope';

const PAYMENTS: ReadonlySet<xdr.OperationBody['type']> = new Set([
  'createAccount',
  'payment',
  'pathPaymentStrictReceive',
  'pathPaymentStrictSend',
  'accountMerge',
]);

/** What Horizon lists under payments. */
export const isPayment = (body: xdr.OperationBody): boolean => PAYMENTS.has(body.type);

function others(body: xdr.OperationBody): string[] {
  switch (body.type) {
    case 'createAccount':
      return [addressOf(body.createAccountOp.destination)];
    case 'payment':
      return [partyOf(body.paymentOp.destination).account];
    case 'pathPaymentStrictReceive':
      return [partyOf(body.pathPaymentStrictReceiveOp.destination).account];
    case 'pathPaymentStrictSend':
      return [partyOf(body.pathPaymentStrictSendOp.destination).account];
    case 'accountMerge':
      return [partyOf(body.destination).account];
    case 'allowTrust':
      return [addressOf(body.allowTrustOp.trustor)];
    case 'setTrustLineFlags':
      return [addressOf(body.setTrustLineFlagsOp.trustor)];
    case 'clawback':
      return [partyOf(body.clawbackOp.from).account];
    case 'beginSponsoringFutureReserves':
      return [addressOf(body.beginSponsoringFutureReservesOp.sponsoredId)];
    default:
      return [];
  }
}

/** The accounts under whose history an operation is listed. */
export const participantsOf = (operation: LedgerOperation): Set<string> =>
  new Set([operation.source.account, ...others(operation.body)]);
