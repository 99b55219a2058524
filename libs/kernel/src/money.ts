import { invariant } from './invariant';
import { err, ok, type Result } from './result';

/** Decimal places of every amount on the Stellar network: one unit is 10⁷ stroops. */
export const STROOP_DECIMALS = 7;
const STROOPS_PER_UNIT = 10_000_000n;

/** The largest amount that the ledger can hold: 2⁶³ − 1 stroops. */
export const STROOPS_MAX = 9_223_372_036_854_775_807n;

/** An asset of the ledger. `issuer` is empty for XLM, the ledger's own asset. */
export interface Asset {
  readonly code: string;
  readonly issuer: string;
}

export interface Money {
  /** In stroops (10⁻⁷ of the asset's unit). */
  readonly amount: bigint;
  readonly asset: Asset;
}

export const XLM: Asset = { code: 'XLM', issuer: '' };

export const isNative = (asset: Asset): boolean => asset.code === 'XLM' && asset.issuer === '';

export const sameAsset = (a: Asset, b: Asset): boolean => a.code === b.code && a.issuer === b.issuer;

/** `CODE:ISSUER`, or `XLM`: as people and findings name it. */
export const assetName = ({ code, issuer }: Asset): string => (issuer === '' ? code : `${code}:${issuer}`);

export type AmountError = 'not_a_number' | 'too_many_decimals' | 'not_positive' | 'too_large';

const AMOUNT = /^(-?)([0-9]{1,30})(?:\.([0-9]{1,30}))?$/;

/**
 * Reads a positive decimal such as `12.5` as stroops, without rounding.
 *
 * Only ASCII digits, one point and no exponent, separator or sign are read: everything else is a mistake in
 * the file, not something to guess at. Zeros beyond the seventh decimal are decimals too many all the same.
 */
export function parseAmount(text: string): Result<bigint, AmountError> {
  const match = AMOUNT.exec(text);
  if (match === null) return err('not_a_number');
  const [, sign, units = '', decimals = ''] = match;
  if (decimals.length > STROOP_DECIMALS) return err('too_many_decimals');
  const stroops = BigInt(units) * STROOPS_PER_UNIT + BigInt(decimals.padEnd(STROOP_DECIMALS, '0'));
  if (sign === '-' || stroops === 0n) return err('not_positive');
  if (stroops > STROOPS_MAX) return err('too_large');
  return ok(stroops);
}

/** Writes stroops as the decimal string of the API, always with seven decimals: `"100.0000000"`. */
export function formatAmount(stroops: bigint): string {
  const sign = stroops < 0n ? '-' : '';
  const absolute = stroops < 0n ? -stroops : stroops;
  const decimals = String(absolute % STROOPS_PER_UNIT).padStart(STROOP_DECIMALS, '0');
  return `${sign}${String(absolute / STROOPS_PER_UNIT)}.${decimals}`;
}

/** Reads an amount that this program wrote itself (a column, an event): anything unreadable is a bug. */
export function amountOf(text: string): bigint {
  const parsed = parseAmount(text);
  invariant(parsed.ok, `not an amount: ${text}`);
  return parsed.value;
}
