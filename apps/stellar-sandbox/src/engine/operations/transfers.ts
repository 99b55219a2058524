import { type LedgerAsset } from '../assets';
import { hasFlag, INT64_MAX, lineKey, spendableBalance, TrustLineFlag } from '../entries';
import { type OperationContext, putAccount } from './operation-rule';

export interface Transfer {
  readonly account: string;
  readonly asset: LedgerAsset;
  /** In stroops. */
  readonly amount: bigint;
}

export type CreditFailure = 'NoTrust' | 'NotAuthorized' | 'LineFull';
export type DebitFailure = 'SrcNoTrust' | 'SrcNotAuthorized' | 'Underfunded';

/** Gives to an account that exists. An issuer takes its own asset back, which needs no trustline. */
export function credit(
  context: OperationContext,
  { account, asset, amount }: Transfer,
): CreditFailure | null {
  const { accounts, liabilities, lines } = context.draft;
  if (asset === null) {
    const holder = accounts.get(account);
    if (holder === undefined || holder.balance + amount > INT64_MAX - liabilities.of(account).buying)
      return 'LineFull';
    putAccount(context, { ...holder, balance: holder.balance + amount });
    return null;
  }
  if (asset.issuer === account) return null;
  const key = lineKey(account, asset.code, asset.issuer);
  const line = lines.get(key);
  if (line === undefined) return 'NoTrust';
  if (!hasFlag(line.flags, TrustLineFlag.authorized)) return 'NotAuthorized';
  if (line.balance + amount > line.limit - liabilities.of(key).buying) return 'LineFull';
  lines.set(key, { ...line, balance: line.balance + amount, modified: context.ledger.sequence });
  return null;
}

/** Takes from an account that exists. An issuer pays out of nothing. */
export function debit(context: OperationContext, { account, asset, amount }: Transfer): DebitFailure | null {
  const { accounts, liabilities, lines } = context.draft;
  if (asset === null) {
    const holder = accounts.get(account);
    if (
      holder === undefined ||
      spendableBalance(holder, context.ledger.baseReserve, context.draft) < amount
    ) {
      return 'Underfunded';
    }
    putAccount(context, { ...holder, balance: holder.balance - amount });
    return null;
  }
  if (asset.issuer === account) return null;
  const key = lineKey(account, asset.code, asset.issuer);
  const line = lines.get(key);
  if (line === undefined) return 'SrcNoTrust';
  if (!hasFlag(line.flags, TrustLineFlag.authorized)) return 'SrcNotAuthorized';
  if (line.balance - liabilities.of(key).selling < amount) return 'Underfunded';
  lines.set(key, { ...line, balance: line.balance - amount, modified: context.ledger.sequence });
  return null;
}
