import { xdr } from '@stellar/stellar-sdk';

import { formatAmount } from '@libs/kernel';

import { addressOf, type Party, partyOf, signerAddress } from '../engine/addresses';
import { assetOf, codeOfAssetCode, creditAssetOf, type LedgerAsset } from '../engine/assets';
import type { LedgerOperation } from '../engine/envelope';
import { type History, type OperationRef, operationOfRef, transactionOfRef } from '../history/history';
import { tokenOf } from '../history/tokens';
import { isoTime, type Json, link, transactionView } from './views';

const assetView = (asset: LedgerAsset, prefix = ''): Json =>
  asset === null
    ? { [`${prefix}asset_type`]: 'native' }
    : {
        [`${prefix}asset_type`]: asset.type,
        [`${prefix}asset_code`]: asset.code,
        [`${prefix}asset_issuer`]: asset.issuer,
      };

const partyView = (name: string, party: Party): Json => ({
  [name]: party.account,
  ...(party.muxed === null
    ? {}
    : { [`${name}_muxed`]: party.muxed, [`${name}_muxed_id`]: String(party.muxedId) }),
});

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [1, 'auth_required'],
  [2, 'auth_revocable'],
  [4, 'auth_immutable'],
  [8, 'auth_clawback_enabled'],
];

const LINE_FLAG_NAMES: readonly (readonly [number, string])[] = [
  [1, 'authorized'],
  [2, 'authorized_to_maintain_liabilites'],
  [4, 'clawback_enabled'],
];

function flagsView(name: string, flags: number | null, names: typeof FLAG_NAMES): Json {
  if (flags === null || flags === 0) return {};
  const set = names.filter(([flag]) => (flags & flag) !== 0);
  return { [name]: set.map(([flag]) => flag), [`${name}_s`]: set.map(([, text]) => text) };
}

function setOptionsView(operation: xdr.SetOptionsOp): Json {
  const { highThreshold, homeDomain, inflationDest, lowThreshold, masterWeight, medThreshold, signer } =
    operation;
  return {
    ...(inflationDest === null ? {} : { inflation_dest: addressOf(inflationDest) }),
    ...(homeDomain === null ? {} : { home_domain: homeDomain.toString() }),
    ...(signer === null ? {} : { signer_key: signerAddress(signer.key), signer_weight: signer.weight }),
    ...(masterWeight === null ? {} : { master_key_weight: masterWeight }),
    ...(lowThreshold === null ? {} : { low_threshold: lowThreshold }),
    ...(medThreshold === null ? {} : { med_threshold: medThreshold }),
    ...(highThreshold === null ? {} : { high_threshold: highThreshold }),
    ...flagsView('set_flags', operation.setFlags, FLAG_NAMES),
    ...flagsView('clear_flags', operation.clearFlags, FLAG_NAMES),
  };
}

function paymentView(source: Party, body: PaymentBody, successful: boolean): Json {
  if (body.type === 'payment') {
    const { amount, asset, destination } = body.paymentOp;
    return {
      ...assetView(assetOf(asset)),
      ...partyView('from', source),
      ...partyView('to', partyOf(destination)),
      amount: formatAmount(amount),
    };
  }
  const strictSend = body.type === 'pathPaymentStrictSend';
  const operation = strictSend ? body.pathPaymentStrictSendOp : body.pathPaymentStrictReceiveOp;
  const sent = strictSend
    ? body.pathPaymentStrictSendOp.sendAmount
    : body.pathPaymentStrictReceiveOp.destAmount;
  // Only direct ones succeed here, where what is sent is what arrives.
  const moved = formatAmount(successful ? sent : 0n);
  return {
    ...assetView(assetOf(operation.destAsset)),
    ...partyView('from', source),
    ...partyView('to', partyOf(operation.destination)),
    amount: strictSend ? moved : formatAmount(sent),
    path: operation.path.map((asset) => assetView(assetOf(asset))),
    source_amount: strictSend ? formatAmount(sent) : moved,
    ...(strictSend
      ? { destination_min: formatAmount(body.pathPaymentStrictSendOp.destMin) }
      : { source_max: formatAmount(body.pathPaymentStrictReceiveOp.sendMax) }),
    ...assetView(assetOf(operation.sendAsset), 'source_'),
  };
}

type PaymentBody = Extract<
  xdr.OperationBody,
  { readonly type: 'payment' | 'pathPaymentStrictReceive' | 'pathPaymentStrictSend' }
>;

function lineView(source: Party, body: xdr.OperationBody): Json {
  switch (body.type) {
    case 'changeTrust': {
      const asset = creditAssetOf(body.changeTrustOp.line);
      return {
        ...assetView(asset),
        limit: formatAmount(body.changeTrustOp.limit),
        ...(asset === null ? {} : { trustee: asset.issuer }),
        ...partyView('trustor', source),
      };
    }
    case 'allowTrust': {
      const { asset, authorize, trustor } = body.allowTrustOp;
      const type = asset.type === 'assetTypeCreditAlphanum4' ? 'credit_alphanum4' : 'credit_alphanum12';
      return {
        ...assetView({ code: codeOfAssetCode(asset), issuer: source.account, type }),
        ...partyView('trustee', source),
        trustor: addressOf(trustor),
        authorize: authorize === 1,
        authorize_to_maintain_liabilities: authorize > 0,
      };
    }
    case 'setTrustLineFlags': {
      const { asset, clearFlags, setFlags, trustor } = body.setTrustLineFlagsOp;
      return {
        ...assetView(assetOf(asset)),
        trustor: addressOf(trustor),
        ...flagsView('set_flags', setFlags, LINE_FLAG_NAMES),
        ...flagsView('clear_flags', clearFlags, LINE_FLAG_NAMES),
      };
    }
    case 'clawback': {
      const { amount, asset, from } = body.clawbackOp;
      return {
        ...assetView(assetOf(asset)),
        ...partyView('from', partyOf(from)),
        amount: formatAmount(amount),
      };
    }
    default:
      return {};
  }
}

function revokeView(operation: xdr.RevokeSponsorshipOp): Json {
  if (operation.type === 'revokeSponsorshipSigner') {
    const { accountId, signerKey } = operation.signer;
    return { signer_account_id: addressOf(accountId), signer_key: signerAddress(signerKey) };
  }
  const { ledgerKey } = operation;
  switch (ledgerKey.type) {
    case 'account':
      return { account_id: addressOf(ledgerKey.account.accountId) };
    case 'trustline': {
      const asset = creditAssetOf(ledgerKey.trustLine.asset);
      return {
        trustline_account_id: addressOf(ledgerKey.trustLine.accountId),
        ...(asset === null ? {} : { trustline_asset: `${asset.code}:${asset.issuer}` }),
      };
    }
    case 'data':
      return {
        data_account_id: addressOf(ledgerKey.data.accountId),
        data_name: ledgerKey.data.dataName.toString(),
      };
    default:
      return {};
  }
}

function detailsOf(source: Party, body: xdr.OperationBody, successful: boolean): Json {
  switch (body.type) {
    case 'createAccount':
      return {
        starting_balance: formatAmount(body.createAccountOp.startingBalance),
        ...partyView('funder', source),
        account: addressOf(body.createAccountOp.destination),
      };
    case 'payment':
    case 'pathPaymentStrictReceive':
    case 'pathPaymentStrictSend':
      return paymentView(source, body, successful);
    case 'accountMerge':
      return { ...partyView('account', source), ...partyView('into', partyOf(body.destination)) };
    case 'setOptions':
      return setOptionsView(body.setOptionsOp);
    case 'manageData': {
      const { dataName, dataValue } = body.manageDataOp;
      const value = dataValue === null ? '' : Buffer.from(dataValue.value).toString('base64');
      return { name: dataName.toString(), value };
    }
    case 'bumpSequence':
      return { bump_to: String(body.bumpSequenceOp.bumpTo) };
    case 'beginSponsoringFutureReserves':
      return { sponsored_id: addressOf(body.beginSponsoringFutureReservesOp.sponsoredId) };
    case 'revokeSponsorship':
      return revokeView(body.revokeSponsorshipOp);
    default:
      return lineView(source, body);
  }
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const TYPE_NUMBERS = new Map(
  [...xdr.OperationType.schema.nameByValue].map(([value, name]): [string, number] => [name, value]),
);

function linksOf(token: string, hash: string, base: string): Json {
  const self = `${base}/operations/${token}`;
  return {
    self: link(self),
    transaction: link(`${base}/transactions/${hash}`),
    effects: link(`${self}/effects`),
    succeeds: link(`${base}/effects?order=desc&cursor=${token}`),
    precedes: link(`${base}/effects?order=asc&cursor=${token}`),
  };
}

export interface OperationViewContext {
  readonly history: History;
  readonly base: string;
  /** Whether each operation brings its ledger transaction with it. */
  readonly joinTransactions: boolean;
}

export const operationToken = (history: History, ref: OperationRef): bigint => {
  const record = history.transactions.at(transactionOfRef(ref));
  return record === undefined
    ? 0n
    : tokenOf({ ledger: record.ledger, order: record.order, operation: operationOfRef(ref) + 1 });
};

export function operationView(
  ref: OperationRef,
  { base, history, joinTransactions }: OperationViewContext,
): Json {
  const record = history.transactions.at(transactionOfRef(ref));
  const operation: LedgerOperation | undefined =
    record === undefined ? undefined : history.decode(record).inner.operations[operationOfRef(ref)];
  if (record === undefined || operation === undefined)
    throw new Error(`there is no operation ${String(ref)}`);
  const { body, source } = operation;
  const token = String(operationToken(history, ref));
  return {
    _links: linksOf(token, record.hash, base),
    id: token,
    paging_token: token,
    transaction_successful: record.successful,
    ...partyView('source_account', source),
    type: snake(body.type),
    type_i: TYPE_NUMBERS.get(body.type),
    created_at: isoTime(history.ledger(record.ledger)?.header.closeTime ?? 0),
    transaction_hash: record.hash,
    ...(joinTransactions ? { transaction: transactionView(record, { history, base }) } : {}),
    ...detailsOf(source, body, record.successful),
  };
}
