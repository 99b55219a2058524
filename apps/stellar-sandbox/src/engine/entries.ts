import type { Liabilities } from './liabilities';

/** What the ledger holds. Entries are never changed in place: a change is a new object under the same key. */

export interface SignerEntry {
  /** As a StrKey: G… (ed25519), T… (pre-authorised), X… (hash of x), P… (signed payload). */
  readonly key: string;
  readonly weight: number;
  /** The account that pays the reserve of this signer, when it is not the owner. */
  readonly sponsor: string | null;
}

export interface Thresholds {
  readonly master: number;
  readonly low: number;
  readonly medium: number;
  readonly high: number;
}

export interface AccountEntry {
  readonly id: string;
  /** In stroops. */
  readonly balance: bigint;
  readonly sequence: bigint;
  /** The ledger in which the account last used its sequence number; 0 before the first time. */
  readonly sequenceLedger: number;
  /** The close time (Unix seconds) of that ledger. */
  readonly sequenceTime: number;
  readonly subentries: number;
  readonly flags: number;
  readonly homeDomain: string;
  readonly inflationDestination: string | null;
  readonly thresholds: Thresholds;
  readonly signers: readonly SignerEntry[];
  readonly sponsoring: number;
  readonly sponsored: number;
  readonly sponsor: string | null;
  /** The ledger of the last change. */
  readonly modified: number;
}

export interface TrustLineEntry {
  readonly account: string;
  readonly code: string;
  readonly issuer: string;
  readonly balance: bigint;
  readonly limit: bigint;
  readonly flags: number;
  readonly sponsor: string | null;
  readonly modified: number;
}

export interface DataEntry {
  readonly account: string;
  /** The bytes of the name, one character each. */
  readonly name: string;
  /** Base64. */
  readonly value: string;
  readonly sponsor: string | null;
  readonly modified: number;
}

export const AccountFlag = {
  authRequired: 1,
  authRevocable: 2,
  authImmutable: 4,
  clawbackEnabled: 8,
} as const;
export const TrustLineFlag = { authorized: 1, maintainLiabilities: 2, clawbackEnabled: 4 } as const;

export const INT64_MAX = 9_223_372_036_854_775_807n;

export const hasFlag = (flags: number, flag: number): boolean => (flags & flag) !== 0;

export const lineKey = (account: string, code: string, issuer: string): string =>
  `${account}:${code}:${issuer}`;

export const dataKey = (account: string, name: string): string => `${account}:${name}`;

/** The balance that an account must keep, in stroops. */
export const minimumBalance = (account: AccountEntry, baseReserve: bigint): bigint =>
  BigInt(2 + account.subentries + account.sponsoring - account.sponsored) * baseReserve;

/** What an account holds above its reserve, in stroops; negative when it is below it. */
export const availableBalance = (account: AccountEntry, baseReserve: bigint): bigint =>
  account.balance - minimumBalance(account, baseReserve);

/** What it may spend: what it holds above its reserve and has not promised to offers. */
export const spendableBalance = (
  account: AccountEntry,
  baseReserve: bigint,
  { liabilities }: { readonly liabilities: Liabilities },
): bigint => availableBalance(account, baseReserve) - liabilities.of(account.id).selling;
