import type { xdr } from '@stellar/stellar-sdk';

import { addressOf } from './addresses';

export interface CreditAsset {
  readonly code: string;
  readonly issuer: string;
  readonly type: 'credit_alphanum4' | 'credit_alphanum12';
}

/** `null` is XLM. */
export type LedgerAsset = CreditAsset | null;

const CODE = /^[A-Za-z0-9]+$/;

/** The code without its padding; a NUL inside stays, so that it is seen as invalid. */
const codeOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').replace(/\0+$/, '');

type PlainAsset = Exclude<
  xdr.Asset | xdr.ChangeTrustAsset | xdr.TrustLineAsset,
  { readonly type: 'assetTypePoolShare' }
>;

export function assetOf(asset: PlainAsset): LedgerAsset {
  switch (asset.type) {
    case 'assetTypeNative':
      return null;
    case 'assetTypeCreditAlphanum4':
      return {
        type: 'credit_alphanum4',
        code: codeOf(asset.alphaNum4.assetCode.value),
        issuer: addressOf(asset.alphaNum4.issuer),
      };
    case 'assetTypeCreditAlphanum12':
      return {
        type: 'credit_alphanum12',
        code: codeOf(asset.alphaNum12.assetCode.value),
        issuer: addressOf(asset.alphaNum12.issuer),
      };
  }
}

/** The asset of a trustline; `null` for XLM and for shares of a liquidity pool. */
export const creditAssetOf = (asset: xdr.ChangeTrustAsset | xdr.TrustLineAsset): CreditAsset | null =>
  asset.type === 'assetTypePoolShare' ? null : assetOf(asset);

/** Letters and digits only, one to four or five to twelve of them, according to the type. */
export function isValidAsset(asset: LedgerAsset): boolean {
  if (asset === null) return true;
  const { length } = asset.code;
  if (!CODE.test(asset.code)) return false;
  return asset.type === 'credit_alphanum4' ? length <= 4 : length >= 5;
}

export const sameLedgerAsset = (a: LedgerAsset, b: LedgerAsset): boolean =>
  a === null || b === null ? a === b : a.code === b.code && a.issuer === b.issuer;

export const codeOfAssetCode = (code: xdr.AssetCode): string =>
  codeOf(code.type === 'assetTypeCreditAlphanum4' ? code.assetCode4.value : code.assetCode12.value);
