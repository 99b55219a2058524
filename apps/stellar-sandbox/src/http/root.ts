import type { Network } from '../engine/network';
import { PROTOCOL_VERSION } from '../engine/ledger-header';
import type { History } from '../history/history';
import { isoTime, type Json, link } from './views';

const LISTS = [
  'claimable_balances',
  'effects',
  'ledgers',
  'liquidity_pools',
  'offers',
  'operations',
  'payments',
  'trades',
  'transactions',
];

function rootLinks(base: string, friendbot: boolean): Json {
  return {
    account: link(`${base}/accounts/{account_id}`),
    accounts: link(`${base}/accounts{?signer,sponsor,asset,cursor,limit,order}`),
    account_transactions: link(`${base}/accounts/{account_id}/transactions{?cursor,limit,order}`),
    assets: link(`${base}/assets{?asset_code,asset_issuer,cursor,limit,order}`),
    fee_stats: link(`${base}/fee_stats`),
    ...(friendbot ? { friendbot: link(`${base}/friendbot{?addr}`) } : {}),
    ledger: link(`${base}/ledgers/{sequence}`),
    offer: link(`${base}/offers/{offer_id}`),
    operation: link(`${base}/operations/{id}`),
    order_book: link(`${base}/order_book{?selling_asset_type,buying_asset_type,limit}`),
    self: link(`${base}/`),
    strict_receive_paths: link(`${base}/paths/strict-receive{?destination_amount}`),
    strict_send_paths: link(`${base}/paths/strict-send{?source_amount}`),
    trade_aggregations: link(`${base}/trade_aggregations{?start_time,end_time,order,limit}`),
    transaction: link(`${base}/transactions/{hash}`),
    ...Object.fromEntries(LISTS.map((list) => [list, link(`${base}/${list}{?cursor,limit,order}`)])),
  };
}

interface RootContext {
  readonly history: History;
  readonly network: Network;
  readonly passphrase: string;
  readonly friendbot: boolean;
  readonly base: string;
}

export function rootView({ base, friendbot, history, network, passphrase }: RootContext): Json {
  const { header } = history.latest;
  return {
    _links: rootLinks(base, friendbot),
    horizon_version: '24.0.0-sandbox',
    core_version: 'v19.14.0-sandbox',
    ingest_latest_ledger: header.sequence,
    history_latest_ledger: header.sequence,
    history_latest_ledger_closed_at: isoTime(header.closeTime),
    history_elder_ledger: history.ledgers.first,
    core_latest_ledger: network.header.sequence,
    network_passphrase: passphrase,
    current_protocol_version: PROTOCOL_VERSION,
    supported_protocol_version: 24,
    core_supported_protocol_version: PROTOCOL_VERSION,
  };
}
