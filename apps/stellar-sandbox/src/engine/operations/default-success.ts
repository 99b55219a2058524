import { xdr } from '@stellar/stellar-sdk';

import { inner } from './operation-rule';

const Tr = xdr.OperationResultTr;

/**
 * The result of an operation that was found well formed in a ledger transaction that another one spoilt: the
 * network lists a success without content for it.
 */
export function defaultSuccess(body: xdr.OperationBody): xdr.OperationResult {
  switch (body.type) {
    case 'createAccount':
      return inner(Tr.createAccount(xdr.CreateAccountResult.createAccountSuccess()));
    case 'payment':
      return inner(Tr.payment(xdr.PaymentResult.paymentSuccess()));
    case 'pathPaymentStrictReceive': {
      const success = new xdr.PathPaymentStrictReceiveResultSuccess({ offers: [], last: NOTHING_PAID });
      const result = xdr.PathPaymentStrictReceiveResult.pathPaymentStrictReceiveSuccess(success);
      return inner(Tr.pathPaymentStrictReceive(result));
    }
    case 'pathPaymentStrictSend': {
      const success = new xdr.PathPaymentStrictSendResultSuccess({ offers: [], last: NOTHING_PAID });
      return inner(
        Tr.pathPaymentStrictSend(xdr.PathPaymentStrictSendResult.pathPaymentStrictSendSuccess(success)),
      );
    }
    case 'setOptions':
      return inner(Tr.setOptions(xdr.SetOptionsResult.setOptionsSuccess()));
    case 'changeTrust':
      return inner(Tr.changeTrust(xdr.ChangeTrustResult.changeTrustSuccess()));
    case 'allowTrust':
      return inner(Tr.allowTrust(xdr.AllowTrustResult.allowTrustSuccess()));
    case 'setTrustLineFlags':
      return inner(Tr.setTrustLineFlags(xdr.SetTrustLineFlagsResult.setTrustLineFlagsSuccess()));
    case 'accountMerge':
      return inner(Tr.accountMerge(xdr.AccountMergeResult.accountMergeSuccess(0n)));
    case 'manageData':
      return inner(Tr.manageData(xdr.ManageDataResult.manageDataSuccess()));
    case 'bumpSequence':
      return inner(Tr.bumpSequence(xdr.BumpSequenceResult.bumpSequenceSuccess()));
    case 'clawback':
      return inner(Tr.clawback(xdr.ClawbackResult.clawbackSuccess()));
    default:
      return sponsorshipSuccess(body);
  }
}

function sponsorshipSuccess(body: xdr.OperationBody): xdr.OperationResult {
  switch (body.type) {
    case 'beginSponsoringFutureReserves': {
      const result = xdr.BeginSponsoringFutureReservesResult.beginSponsoringFutureReservesSuccess();
      return inner(Tr.beginSponsoringFutureReserves(result));
    }
    case 'endSponsoringFutureReserves': {
      const result = xdr.EndSponsoringFutureReservesResult.endSponsoringFutureReservesSuccess();
      return inner(Tr.endSponsoringFutureReserves(result));
    }
    case 'revokeSponsorship':
      return inner(Tr.revokeSponsorship(xdr.RevokeSponsorshipResult.revokeSponsorshipSuccess()));
    default:
      // Every other kind is refused by its own check, so it never stands as a success beside another.
      return xdr.OperationResult.opNotSupported();
  }
}

const NOTHING_PAID = new xdr.SimplePaymentResult({
  destination: xdr.PublicKey.publicKeyTypeEd25519(new Uint8Array(32)),
  asset: xdr.Asset.assetTypeNative(),
  amount: 0n,
});
