import { formatAmount } from '@libs/kernel';

import {
  AccountFlag,
  type AccountEntry,
  hasFlag,
  type TrustLineEntry,
  TrustLineFlag,
} from '../engine/entries';
import type { History } from '../history/history';
import { type Json, accountView, link } from './views';
import { badRequest, invalidAccountsParams } from './problems';

const CREDIT = /^[A-Za-z0-9]{1,12}:(G[A-Z2-7]{55})$/;

function filterOf(query: URLSearchParams, history: History): (account: AccountEntry) => boolean {
  const filters = ['signer', 'sponsor', 'asset', 'liquidity_pool'].filter((name) => query.has(name));
  const [name] = filters;
  if (filters.length !== 1 || name === undefined) throw invalidAccountsParams();
  const value = query.get(name) ?? '';
  switch (name) {
    case 'signer':
      return ({ id, signers, thresholds }) =>
        (id === value && thresholds.master > 0) || signers.some(({ key }) => key === value);
    case 'sponsor':
      return ({ signers, sponsor }) => sponsor === value || signers.some((one) => one.sponsor === value);
    case 'asset':
      if (!CREDIT.test(value)) {
        throw badRequest(
          'asset',
          'Asset must be the string "native" or a string of the form "Code:IssuerAccountID" for issued assets.',
        );
      }
      return ({ id }) => history.state.lines.get(`${id}:${value}`) !== undefined;
    default:
      return () => false;
  }
}

interface ListRequest {
  readonly query: URLSearchParams;
  readonly base: string;
  readonly limit: number;
}

interface ListItem {
  readonly token: string;
  readonly json: Json;
}

/** Cursors of these two lists are not numbers: they name an account or an asset. */
function cut<Item>(items: Item[], request: ListRequest, token: (item: Item) => string): Item[] {
  const descending = request.query.get('order') === 'desc';
  const cursor = request.query.get('cursor') ?? '';
  items.sort((a, b) => (token(a) < token(b) ? -1 : 1));
  if (descending) items.reverse();
  const rest =
    cursor === ''
      ? items
      : items.filter((item) => token(item) > cursor !== descending && token(item) !== cursor);
  return rest.slice(0, request.limit);
}

export function accountsList(history: History, request: ListRequest): ListItem[] {
  const matches = filterOf(request.query, history);
  const found = [...history.state.accounts.entries.values()].filter(matches);
  return cut(found, request, ({ id }) => id).map((account) => ({
    token: account.id,
    json: accountView(account, history, request.base),
  }));
}

interface AssetSummary {
  readonly code: string;
  readonly issuer: string;
  readonly lines: TrustLineEntry[];
}

const assetType = (code: string): string => (code.length > 4 ? 'credit_alphanum12' : 'credit_alphanum4');
const assetToken = ({ code, issuer }: AssetSummary): string => `${code}_${issuer}_${assetType(code)}`;

function assetView(asset: AssetSummary, history: History): Json {
  const issuer = history.state.accounts.get(asset.issuer);
  const groups = {
    authorized: asset.lines.filter(({ flags }) => hasFlag(flags, TrustLineFlag.authorized)),
    authorized_to_maintain_liabilities: asset.lines.filter(({ flags }) =>
      hasFlag(flags, TrustLineFlag.maintainLiabilities),
    ),
    unauthorized: asset.lines.filter(
      ({ flags }) => !hasFlag(flags, TrustLineFlag.authorized + TrustLineFlag.maintainLiabilities),
    ),
  };
  const sum = (lines: readonly TrustLineEntry[]): string =>
    formatAmount(lines.reduce((total, { balance }) => total + balance, 0n));
  const each = (of: (lines: readonly TrustLineEntry[]) => unknown): Json =>
    Object.fromEntries(Object.entries(groups).map(([name, lines]) => [name, of(lines)]));
  const domain = issuer?.homeDomain ?? '';
  return {
    _links: { toml: link(domain === '' ? '' : `https://${domain}/.well-known/stellar.toml`) },
    asset_type: assetType(asset.code),
    asset_code: asset.code,
    asset_issuer: asset.issuer,
    paging_token: assetToken(asset),
    num_claimable_balances: 0,
    num_liquidity_pools: 0,
    num_contracts: 0,
    accounts: each(({ length }) => length),
    claimable_balances_amount: formatAmount(0n),
    liquidity_pools_amount: formatAmount(0n),
    contracts_amount: formatAmount(0n),
    balances: each(sum),
    flags: {
      auth_required: hasFlag(issuer?.flags ?? 0, AccountFlag.authRequired),
      auth_revocable: hasFlag(issuer?.flags ?? 0, AccountFlag.authRevocable),
      auth_immutable: hasFlag(issuer?.flags ?? 0, AccountFlag.authImmutable),
      auth_clawback_enabled: hasFlag(issuer?.flags ?? 0, AccountFlag.clawbackEnabled),
    },
  };
}

export function assetsList(history: History, request: ListRequest): ListItem[] {
  const code = request.query.get('asset_code');
  const issuer = request.query.get('asset_issuer');
  const assets = new Map<string, AssetSummary>();
  for (const line of history.state.lines.entries.values()) {
    if ((code ?? line.code) !== line.code || (issuer ?? line.issuer) !== line.issuer) continue;
    const key = `${line.code}:${line.issuer}`;
    const asset = assets.get(key) ?? { code: line.code, issuer: line.issuer, lines: [] };
    asset.lines.push(line);
    assets.set(key, asset);
  }
  return cut([...assets.values()], request, assetToken).map((asset) => ({
    token: assetToken(asset),
    json: assetView(asset, history),
  }));
}
