import { type Asset, isNative } from '@libs/kernel';

import type { LedgerAccount } from './ledger-account';
import type { Memo } from './memo';

/** What decides whether an account can be paid, as one node saw it. Nothing in it tells of the person. */
export interface DestinationFacts {
  readonly address: string;
  readonly exists: boolean;
  readonly memoRequired: boolean;
  /** By asset, as `assetKey` writes it. Assets other than XLM that are not here are not trusted, unless `isPartial`. */
  readonly lines: Readonly<Record<string, LineFacts>>;
  /** It trusts more assets than are listed. */
  readonly isPartial: boolean;
}

export interface LineFacts {
  readonly authorized: boolean;
  /** How much more it may hold, in stroops. */
  readonly room: bigint;
}

export interface PlannedPayment {
  readonly destination: string;
  readonly asset: Asset;
  /** In stroops. */
  readonly amount: bigint;
  readonly memo: Memo | null;
}

/** Why an account can take a payment under no circumstances, until its owner or the issuer changes something. */
export type Obstacle =
  | 'account_does_not_exist'
  | 'account_requires_a_memo'
  | 'account_does_not_trust_the_asset'
  | 'issuer_has_not_authorized_account'
  | 'account_may_not_hold_that_much';

const LINES_MAX = 50;

export const assetKey = ({ code, issuer }: Asset): string => `${code}:${issuer}`;

/** `account`: null when no such account exists. */
export function factsOf(address: string, account: LedgerAccount | null): DestinationFacts {
  const lines = (account?.balances ?? []).filter(({ asset }) => !isNative(asset));
  const kept = lines.slice(0, LINES_MAX).map(({ asset, authorized, ...line }): [string, LineFacts] => {
    const room = line.limit === null ? 0n : line.limit - line.balance - line.buyingLiabilities;
    return [assetKey(asset), { authorized, room: room > 0n ? room : 0n }];
  });
  return {
    address,
    exists: account !== null,
    memoRequired: account?.memoRequired ?? false,
    lines: Object.fromEntries(kept),
    isPartial: lines.length > kept.length,
  };
}

/** What stands in the way of a payment; null when nothing is known to, `unknown` when the facts do not say. */
export function obstacleTo(facts: DestinationFacts, payment: PlannedPayment): Obstacle | 'unknown' | null {
  if (!facts.exists) return 'account_does_not_exist';
  if (facts.memoRequired && payment.memo === null) return 'account_requires_a_memo';
  // Whoever issues an asset takes any amount of it back without a trustline.
  if (isNative(payment.asset) || payment.asset.issuer === payment.destination) return null;
  const line = facts.lines[assetKey(payment.asset)];
  if (line === undefined) return facts.isPartial ? 'unknown' : 'account_does_not_trust_the_asset';
  if (!line.authorized) return 'issuer_has_not_authorized_account';
  return line.room < payment.amount ? 'account_may_not_hold_that_much' : null;
}
