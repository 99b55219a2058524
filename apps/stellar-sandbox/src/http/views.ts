import { xdr } from '@stellar/stellar-sdk';

import { formatAmount } from '@libs/kernel';

import { signerAddress } from '../engine/addresses';
import { AccountFlag, type AccountEntry, hasFlag, type SignerEntry, TrustLineFlag } from '../engine/entries';
import type { Preconditions } from '../engine/envelope';
import { PROTOCOL_VERSION } from '../engine/ledger-header';
import type { History, LedgerRecord, TransactionRecord } from '../history/history';
import { ledgerToken, tokenOf } from '../history/tokens';

export type Json = Readonly<Record<string, unknown>>;

export const isoTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

const PAGE = '{?cursor,limit,order}';

export const link = (href: string): Json => (href.includes('{') ? { href, templated: true } : { href });

const SIGNER_TYPES: Readonly<Record<string, string>> = {
  G: 'ed25519_public_key',
  T: 'preauth_tx',
  X: 'sha256_hash',
  P: 'ed25519_signed_payload',
};

const signerView = ({ key, sponsor, weight }: SignerEntry): Json => ({
  weight,
  key,
  type: SIGNER_TYPES[key[0] ?? 'G'],
  ...(sponsor === null ? {} : { sponsor }),
});

function promisedView({ state }: History, key: string): Json {
  const { buying, selling } = state.liabilities.of(key);
  return { buying_liabilities: formatAmount(buying), selling_liabilities: formatAmount(selling) };
}

function balancesView(account: AccountEntry, history: History): Json[] {
  const keys = [...(history.linesOf.get(account.id) ?? [])].sort();
  const lines = keys.flatMap((key) => {
    const line = history.state.lines.get(key);
    if (line === undefined) return [];
    const authorized = hasFlag(line.flags, TrustLineFlag.authorized);
    return [
      {
        balance: formatAmount(line.balance),
        limit: formatAmount(line.limit),
        ...promisedView(history, key),
        ...(line.sponsor === null ? {} : { sponsor: line.sponsor }),
        last_modified_ledger: line.modified,
        is_authorized: authorized,
        is_authorized_to_maintain_liabilities:
          authorized || hasFlag(line.flags, TrustLineFlag.maintainLiabilities),
        ...(hasFlag(line.flags, TrustLineFlag.clawbackEnabled) ? { is_clawback_enabled: true } : {}),
        asset_type: line.code.length > 4 ? 'credit_alphanum12' : 'credit_alphanum4',
        asset_code: line.code,
        asset_issuer: line.issuer,
      },
    ];
  });
  const native = {
    balance: formatAmount(account.balance),
    ...promisedView(history, account.id),
    asset_type: 'native',
  };
  return [...lines, native];
}

function dataView(account: AccountEntry, history: History): Json {
  const keys = [...(history.dataOf.get(account.id) ?? [])].sort();
  return Object.fromEntries(
    keys.flatMap((key) => {
      const entry = history.state.data.get(key);
      return entry === undefined ? [] : [[entry.name, entry.value]];
    }),
  );
}

function accountLinks(base: string, id: string): Json {
  const self = `${base}/accounts/${id}`;
  const lists = ['transactions', 'operations', 'payments', 'effects', 'offers', 'trades'];
  return {
    self: link(self),
    ...Object.fromEntries(lists.map((list) => [list, link(`${self}/${list}${PAGE}`)])),
    data: link(`${self}/data/{key}`),
  };
}

export function accountView(account: AccountEntry, history: History, base: string): Json {
  const { flags, id, thresholds } = account;
  const modified = history.ledger(account.modified);
  return {
    _links: accountLinks(base, id),
    id,
    account_id: id,
    sequence: String(account.sequence),
    ...(account.sequenceLedger === 0
      ? {}
      : { sequence_ledger: account.sequenceLedger, sequence_time: String(account.sequenceTime) }),
    subentry_count: account.subentries,
    ...(account.inflationDestination === null ? {} : { inflation_destination: account.inflationDestination }),
    ...(account.homeDomain === '' ? {} : { home_domain: account.homeDomain }),
    last_modified_ledger: account.modified,
    last_modified_time: modified === undefined ? null : isoTime(modified.header.closeTime),
    thresholds: {
      low_threshold: thresholds.low,
      med_threshold: thresholds.medium,
      high_threshold: thresholds.high,
    },
    flags: {
      auth_required: hasFlag(flags, AccountFlag.authRequired),
      auth_revocable: hasFlag(flags, AccountFlag.authRevocable),
      auth_immutable: hasFlag(flags, AccountFlag.authImmutable),
      auth_clawback_enabled: hasFlag(flags, AccountFlag.clawbackEnabled),
    },
    balances: balancesView(account, history),
    signers: [
      ...account.signers.map(signerView),
      signerView({ key: id, weight: thresholds.master, sponsor: null }),
    ],
    data: dataView(account, history),
    num_sponsoring: account.sponsoring,
    num_sponsored: account.sponsored,
    ...(account.sponsor === null ? {} : { sponsor: account.sponsor }),
    paging_token: id,
  };
}

export function ledgerView({ header, ...record }: LedgerRecord, base: string): Json {
  const self = `${base}/ledgers/${String(header.sequence)}`;
  const lists = ['transactions', 'operations', 'payments', 'effects'];
  return {
    _links: {
      self: link(self),
      ...Object.fromEntries(lists.map((list) => [list, link(`${self}/${list}${PAGE}`)])),
    },
    id: header.hash,
    paging_token: String(ledgerToken(header.sequence)),
    hash: header.hash,
    prev_hash: header.previousHash,
    sequence: header.sequence,
    successful_transaction_count: record.successful,
    failed_transaction_count: record.failed,
    operation_count: record.operations,
    tx_set_operation_count: record.setOperations,
    closed_at: isoTime(header.closeTime),
    total_coins: formatAmount(header.totalCoins),
    fee_pool: formatAmount(header.feePool),
    base_fee_in_stroops: Number(header.baseFee),
    base_reserve_in_stroops: Number(header.baseReserve),
    max_tx_set_size: header.capacity,
    protocol_version: PROTOCOL_VERSION,
    header_xdr: header.headerXdr,
  };
}

function memoView(memo: xdr.Memo): Json {
  switch (memo.type) {
    case 'memoNone':
      return { memo_type: 'none' };
    case 'memoText': {
      const bytes = Buffer.from(memo.text.bytes);
      return { memo_type: 'text', memo: bytes.toString('utf8'), memo_bytes: bytes.toString('base64') };
    }
    case 'memoId':
      return { memo_type: 'id', memo: String(memo.id) };
    case 'memoHash':
      return { memo_type: 'hash', memo: Buffer.from(memo.hash.value).toString('base64') };
    case 'memoReturn':
      return { memo_type: 'return', memo: Buffer.from(memo.retHash.value).toString('base64') };
  }
}

function preconditionsView(conditions: Preconditions): Json {
  const { extraSigners, ledgerBounds, minSequence, minSequenceAge, minSequenceLedgerGap, timeBounds } =
    conditions;
  const view = {
    ...(timeBounds === null
      ? {}
      : {
          timebounds: {
            min_time: String(timeBounds.minTime),
            ...(timeBounds.maxTime === 0n ? {} : { max_time: String(timeBounds.maxTime) }),
          },
        }),
    ...(ledgerBounds === null
      ? {}
      : {
          ledgerbounds: {
            min_ledger: ledgerBounds.minLedger,
            ...(ledgerBounds.maxLedger === 0 ? {} : { max_ledger: ledgerBounds.maxLedger }),
          },
        }),
    ...(minSequence === null ? {} : { min_account_sequence: String(minSequence) }),
    ...(minSequenceAge === 0n ? {} : { min_account_sequence_age: String(minSequenceAge) }),
    ...(minSequenceLedgerGap === 0 ? {} : { min_account_sequence_ledger_gap: minSequenceLedgerGap }),
    ...(extraSigners.length === 0 ? {} : { extra_signers: extraSigners.map(signerAddress) }),
  };
  return Object.keys(view).length === 0 ? {} : { preconditions: view };
}

const base64Signatures = (signatures: readonly xdr.DecoratedSignature[]): string[] =>
  signatures.map(({ signature }) => Buffer.from(signature.value).toString('base64'));

function transactionLinks(record: TransactionRecord, hash: string, base: string): Json {
  const self = `${base}/transactions/${hash}`;
  const token = String(tokenOf({ ledger: record.ledger, order: record.order, operation: 0 }));
  return {
    self: link(self),
    ledger: link(`${base}/ledgers/${String(record.ledger)}`),
    operations: link(`${self}/operations${PAGE}`),
    effects: link(`${self}/effects${PAGE}`),
    precedes: link(`${base}/transactions?order=asc&cursor=${token}`),
    succeeds: link(`${base}/transactions?order=desc&cursor=${token}`),
    transaction: link(self),
  };
}

/** Empty lists of changes: this network keeps no record of single entries before and after. */
const metaOf = (operations: number): string =>
  xdr.TransactionMeta.v2(
    new xdr.TransactionMetaV2({
      txChangesBefore: [],
      operations: Array.from({ length: operations }, () => new xdr.OperationMeta({ changes: [] })),
      txChangesAfter: [],
    }),
  ).toXdr('base64');

const NO_CHANGES = 'AAAAAA==';

/**
 * A ledger transaction under the hash that was asked for: a fee bump is known by its own and by its inner hash,
 * and shows the signatures of the one asked for.
 */
export function transactionView(
  record: TransactionRecord,
  context: { readonly history: History; readonly base: string; readonly askedHash?: string },
): Json {
  const { base, history } = context;
  const { bump, feeSource, inner } = history.decode(record);
  const asksInner = context.askedHash !== undefined && context.askedHash === record.innerHash;
  const hash = asksInner ? inner.hashHex : record.hash;
  const ledger = history.ledger(record.ledger);
  const { account, muxed, muxedId } = inner.source;
  return {
    ...memoView(inner.memo),
    _links: { ...transactionLinks(record, hash, base), account: link(`${base}/accounts/${account}`) },
    id: hash,
    paging_token: String(tokenOf({ ledger: record.ledger, order: record.order, operation: 0 })),
    successful: record.successful,
    hash,
    ledger: record.ledger,
    created_at: isoTime(ledger?.header.closeTime ?? 0),
    source_account: account,
    ...(muxed === null ? {} : { account_muxed: muxed, account_muxed_id: String(muxedId) }),
    source_account_sequence: String(inner.sequence),
    fee_account: feeSource.account,
    ...(feeSource.muxed === null
      ? {}
      : { fee_account_muxed: feeSource.muxed, fee_account_muxed_id: String(feeSource.muxedId) }),
    fee_charged: String(record.feeCharged),
    max_fee: String(record.feeBid),
    operation_count: inner.operations.length,
    envelope_xdr: record.envelope.toString('base64'),
    result_xdr: record.resultXdr,
    result_meta_xdr: metaOf(inner.operations.length),
    fee_meta_xdr: NO_CHANGES,
    signatures: base64Signatures(asksInner || bump === null ? inner.signatures : bump.signatures),
    ...preconditionsView(inner.conditions),
    ...(bump === null
      ? {}
      : {
          fee_bump_transaction: { hash: bump.hashHex, signatures: base64Signatures(bump.signatures) },
          inner_transaction: {
            hash: inner.hashHex,
            signatures: base64Signatures(inner.signatures),
            max_fee: String(inner.feeBid),
          },
        }),
  };
}
