import { xdr } from '@stellar/stellar-sdk';

import { accountMergeRule } from './account-merge';
import { bumpSequenceRule } from './bump-sequence';
import { changeTrustRule } from './change-trust';
import { clawbackRule } from './clawback';
import { createAccountRule } from './create-account';
import { allowTrustRule, setTrustLineFlagsRule } from './line-flags';
import { manageDataRule } from './manage-data';
import type { OperationRule } from './operation-rule';
import { strictReceiveRule, strictSendRule } from './path-payment';
import { paymentRule } from './payment';
import { setOptionsRule } from './set-options';
import { beginSponsoringRule, endSponsoringRule, revokeSponsorshipRule } from './sponsorship';

/** What this network refuses before it reaches a ledger, rather than guess what a real one would do. */
const notSupported: OperationRule = {
  threshold: 'medium',
  check: () => xdr.OperationResult.opNotSupported(),
  apply: () => xdr.OperationResult.opNotSupported(),
};

export function ruleOf(body: xdr.OperationBody): OperationRule {
  switch (body.type) {
    case 'createAccount':
      return createAccountRule(body.createAccountOp);
    case 'payment':
      return paymentRule(body.paymentOp);
    case 'pathPaymentStrictReceive':
      return strictReceiveRule(body.pathPaymentStrictReceiveOp);
    case 'pathPaymentStrictSend':
      return strictSendRule(body.pathPaymentStrictSendOp);
    case 'setOptions':
      return setOptionsRule(body.setOptionsOp);
    case 'changeTrust':
      return changeTrustRule(body.changeTrustOp);
    case 'allowTrust':
      return allowTrustRule(body.allowTrustOp);
    case 'setTrustLineFlags':
      return setTrustLineFlagsRule(body.setTrustLineFlagsOp);
    case 'accountMerge':
      return accountMergeRule(body.destination);
    case 'manageData':
      return manageDataRule(body.manageDataOp);
    case 'bumpSequence':
      return bumpSequenceRule(body.bumpSequenceOp);
    case 'beginSponsoringFutureReserves':
      return beginSponsoringRule(body.beginSponsoringFutureReservesOp);
    case 'endSponsoringFutureReserves':
      return endSponsoringRule;
    case 'revokeSponsorship':
      return revokeSponsorshipRule(body.revokeSponsorshipOp);
    case 'clawback':
      return clawbackRule(body.clawbackOp);
    case 'inflation':
    case 'manageSellOffer':
    case 'createPassiveSellOffer':
    case 'manageBuyOffer':
    case 'createClaimableBalance':
    case 'claimClaimableBalance':
    case 'clawbackClaimableBalance':
    case 'liquidityPoolDeposit':
    case 'liquidityPoolWithdraw':
    case 'invokeHostFunction':
    case 'extendFootprintTtl':
    case 'restoreFootprint':
      return notSupported;
  }
}
