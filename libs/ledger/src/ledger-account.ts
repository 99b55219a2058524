import { type Asset, isNative, sameAsset, STROOPS_MAX } from '@libs/kernel';

/** One line of what an account holds. Amounts in stroops. */
export interface BalanceLine {
  readonly asset: Asset;
  readonly balance: bigint;
  /** The most that the line may hold; null for XLM, which has no limit. */
  readonly limit: bigint | null;
  readonly buyingLiabilities: bigint;
  readonly sellingLiabilities: bigint;
  /** Whether the issuer lets this account send and receive. Always true for XLM. */
  readonly authorized: boolean;
}

export interface AccountSigner {
  readonly key: string;
  readonly weight: number;
}

/** An account as one node saw it when `latestLedger` was its newest ledger. */
export interface LedgerAccount {
  readonly address: string;
  readonly sequence: bigint;
  readonly latestLedger: number;
  readonly balances: readonly BalanceLine[];
  readonly signers: readonly AccountSigner[];
  readonly thresholds: { readonly low: number; readonly medium: number; readonly high: number };
  readonly subentries: number;
  readonly sponsoring: number;
  readonly sponsored: number;
  /** It asks for a memo with every payment (SEP-29). */
  readonly memoRequired: boolean;
}

export const balanceLineOf = (account: LedgerAccount, asset: Asset): BalanceLine | null =>
  account.balances.find((line) => sameAsset(line.asset, asset)) ?? null;

/**
 * What the account can send of this asset, in stroops: the balance minus what its offers have promised, and for XLM
 * minus the reserve that the ledger locks. Never negative; 0 where there is no trustline. The issuer of an asset has none for it,
 * and pays any amount.
 */
export function spendable(account: LedgerAccount, asset: Asset, baseReserve: bigint): bigint {
  if (asset.issuer === account.address) return STROOPS_MAX;
  const line = balanceLineOf(account, asset);
  if (line === null) return 0n;
  const units = BigInt(2 + account.subentries + account.sponsoring - account.sponsored);
  const reserve = isNative(asset) ? units * baseReserve : 0n;
  const free = line.balance - line.sellingLiabilities - reserve;
  return free > 0n ? free : 0n;
}
