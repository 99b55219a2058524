import { xdr } from '@stellar/stellar-sdk';

import { addressOf, signerAddress } from '../addresses';
import { creditAssetOf } from '../assets';
import { dataKey, lineKey } from '../entries';
import { dataNameOf } from './manage-data';
import { inner, type OperationContext, type OperationRule, putAccount } from './operation-rule';
import { moveReserve } from './reserves';

type BeginCode = xdr.BeginSponsoringFutureReservesResult['type'];
type RevokeCode = xdr.RevokeSponsorshipResult['type'];

const beginAnswer = (code: BeginCode): xdr.OperationResult =>
  inner(xdr.OperationResultTr.beginSponsoringFutureReserves(xdr.BeginSponsoringFutureReservesResult[code]()));

const endAnswer = (code: xdr.EndSponsoringFutureReservesResult['type']): xdr.OperationResult =>
  inner(xdr.OperationResultTr.endSponsoringFutureReserves(xdr.EndSponsoringFutureReservesResult[code]()));

const revokeAnswer = (code: RevokeCode): xdr.OperationResult =>
  inner(xdr.OperationResultTr.revokeSponsorship(xdr.RevokeSponsorshipResult[code]()));

function begin(sponsored: string, { source, sponsorships }: OperationContext): BeginCode {
  if (sponsorships.has(sponsored)) return 'beginSponsoringFutureReservesAlreadySponsored';
  const chained = sponsorships.has(source) || [...sponsorships.values()].includes(sponsored);
  if (chained) return 'beginSponsoringFutureReservesRecursive';
  sponsorships.set(sponsored, source);
  return 'beginSponsoringFutureReservesSuccess';
}

export const beginSponsoringRule = (operation: xdr.BeginSponsoringFutureReservesOp): OperationRule => {
  const sponsored = addressOf(operation.sponsoredId);
  return {
    threshold: 'medium',
    check: (source) => (sponsored === source ? beginAnswer('beginSponsoringFutureReservesMalformed') : null),
    apply: (context) => beginAnswer(begin(sponsored, context)),
  };
};

export const endSponsoringRule: OperationRule = {
  threshold: 'medium',
  check: () => null,
  apply: ({ source, sponsorships }) =>
    endAnswer(
      sponsorships.delete(source)
        ? 'endSponsoringFutureReservesSuccess'
        : 'endSponsoringFutureReservesNotSponsored',
    ),
};

/** An entry whose reserve somebody pays, and how to write down who. */
interface SponsoredEntry {
  readonly owner: string;
  readonly sponsor: string | null;
  readonly reserves: number;
  readonly remember: (sponsor: string | null) => void;
}

function accountToRevoke(context: OperationContext, id: string): SponsoredEntry | null {
  const { accounts } = context.draft;
  const account = accounts.get(id);
  if (account === undefined) return null;
  const remember = (sponsor: string | null): void => {
    putAccount(context, { ...(accounts.get(id) ?? account), sponsor });
  };
  return { owner: id, sponsor: account.sponsor, reserves: 2, remember };
}

function signerToRevoke(context: OperationContext, id: string, key: string): SponsoredEntry | null {
  const { accounts } = context.draft;
  const account = accounts.get(id);
  const signer = account?.signers.find((one) => one.key === key);
  if (account === undefined || signer === undefined) return null;
  const remember = (sponsor: string | null): void => {
    const current = accounts.get(id) ?? account;
    const signers = current.signers.map((one) => (one.key === key ? { ...one, sponsor } : one));
    putAccount(context, { ...current, signers });
  };
  return { owner: id, sponsor: signer.sponsor, reserves: 1, remember };
}

function lineToRevoke(context: OperationContext, key: string): SponsoredEntry | null {
  const line = context.draft.lines.get(key);
  if (line === undefined) return null;
  const modified = context.ledger.sequence;
  const remember = (sponsor: string | null): void => {
    context.draft.lines.set(key, { ...line, sponsor, modified });
  };
  return { owner: line.account, sponsor: line.sponsor, reserves: 1, remember };
}

function dataToRevoke(context: OperationContext, key: string): SponsoredEntry | null {
  const entry = context.draft.data.get(key);
  if (entry === undefined) return null;
  const modified = context.ledger.sequence;
  const remember = (sponsor: string | null): void => {
    context.draft.data.set(key, { ...entry, sponsor, modified });
  };
  return { owner: entry.account, sponsor: entry.sponsor, reserves: 1, remember };
}

/** Offers, claimable balances and pools do not exist on this network, so nothing is found for their keys. */
function entryToRevoke(operation: xdr.RevokeSponsorshipOp, context: OperationContext): SponsoredEntry | null {
  if (operation.type === 'revokeSponsorshipSigner') {
    const { accountId, signerKey } = operation.signer;
    return signerToRevoke(context, addressOf(accountId), signerAddress(signerKey));
  }
  const { ledgerKey } = operation;
  switch (ledgerKey.type) {
    case 'account':
      return accountToRevoke(context, addressOf(ledgerKey.account.accountId));
    case 'trustline': {
      const asset = creditAssetOf(ledgerKey.trustLine.asset);
      if (asset === null) return null;
      return lineToRevoke(
        context,
        lineKey(addressOf(ledgerKey.trustLine.accountId), asset.code, asset.issuer),
      );
    }
    case 'data':
      return dataToRevoke(
        context,
        dataKey(addressOf(ledgerKey.data.accountId), dataNameOf(ledgerKey.data.dataName)),
      );
    case 'offer':
    case 'claimableBalance':
    case 'liquidityPool':
    case 'contractData':
    case 'contractCode':
    case 'configSetting':
    case 'ttl':
      return null;
  }
}

function revoke(operation: xdr.RevokeSponsorshipOp, context: OperationContext): RevokeCode {
  const entry = entryToRevoke(operation, context);
  if (entry === null) return 'revokeSponsorshipDoesNotExist';
  if ((entry.sponsor ?? entry.owner) !== context.source) return 'revokeSponsorshipNotSponsor';
  const next = context.sponsorships.get(context.source) ?? null;
  const to = next === entry.owner ? null : next;
  if (entry.sponsor === null && to === null) return 'revokeSponsorshipSuccess';
  const moved = moveReserve(context, entry, { from: entry.sponsor, to });
  if (moved !== 'ok') return 'revokeSponsorshipLowReserve';
  entry.remember(to);
  return 'revokeSponsorshipSuccess';
}

export const revokeSponsorshipRule = (operation: xdr.RevokeSponsorshipOp): OperationRule => ({
  threshold: 'medium',
  check: () => null,
  apply: (context) => revokeAnswer(revoke(operation, context)),
});
