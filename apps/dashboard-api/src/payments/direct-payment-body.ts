import { HttpProblem } from '@libs/http';
import { type AmountError, type Asset, fieldOf, parseAmount, XLM } from '@libs/kernel';
import { isAccountAddress, isContractAddress } from '@libs/ledger';
import { looksLikePhoneNumber, type PayeeReference, readEmail } from '@libs/receivers';

/** How a body names the asset: by its id in the catalogue, or as the ledger does. */
export type AssetReference = { readonly id: string } | { readonly asset: Asset };

/** A body of `POST /payments` that passed every check which needs no database. */
export interface DirectPaymentOrder {
  /** In stroops. */
  readonly amount: bigint;
  readonly asset: AssetReference;
  readonly receiver: PayeeReference;
  readonly wallet: { readonly id: string } | { readonly address: string };
  readonly externalPaymentId: string | null;
}

/** An asset of a kind that the API knows and nobody can be paid in. */
interface UnsupportedAsset {
  readonly unsupported: 'contract' | 'fiat';
}

type Extras = Record<string, string>;

const EXTERNAL_ID_CHARACTERS_MAX = 64;
const CODE = /^[A-Za-z0-9]{1,12}$/;
const NOT_POSITIVE = 'invalid amount. Amount must be a positive number';
const AMOUNT_MISTAKES: Readonly<Record<AmountError, string>> = {
  not_a_number: NOT_POSITIVE,
  not_positive: NOT_POSITIVE,
  too_many_decimals: 'invalid amount. Amount cannot have more than 7 decimal places',
  too_large: 'invalid amount. Amount is more than the ledger can hold',
};
/** What the address of a person may be called in extras. */
const NO_CONTRACTS = 'contract addresses are not supported yet';
const NO_ADDRESS = 'invalid stellar address format';

/** The trimmed text of a field; empty where there is none. What is no text is said to be a mistake at `place`. */
function textOf(value: unknown, name: string, { extras, place }: { extras: Extras; place: string }): string {
  const given = fieldOf(value, name);
  if (given === undefined || given === null) return '';
  if (typeof given !== 'string' || given.includes('\0')) {
    extras[place] = `${name} must be a string`;
    return '';
  }
  return given.trim();
}

/** Throws a 400 that names every bad field; where there is none, one for an asset of a kind that cannot be paid. */
export function readDirectPaymentBody(body: unknown): DirectPaymentOrder {
  const extras: Extras = {};
  const amount = amountOf(body, extras);
  const asset = assetOf(fieldOf(body, 'asset'), extras);
  const receiver = receiverOf(fieldOf(body, 'receiver'), extras);
  const wallet = walletOf(fieldOf(body, 'wallet'), extras);
  const externalId = textOf(body, 'external_payment_id', { extras, place: 'external_payment_id' });
  if ([...externalId].length > EXTERNAL_ID_CHARACTERS_MAX) {
    extras['external_payment_id'] =
      `external_payment_id cannot exceed ${String(EXTERNAL_ID_CHARACTERS_MAX)} characters`;
  }
  const isWhole = amount !== null && asset !== null && receiver !== null && wallet !== null;
  if (!isWhole || Object.keys(extras).length > 0) {
    throw new HttpProblem(400, { error: 'request invalid', extras });
  }
  if ('unsupported' in asset) {
    throw new HttpProblem(400, { error: `asset: ${asset.unsupported} assets not yet supported` });
  }
  return { amount, asset, receiver, wallet, externalPaymentId: externalId === '' ? null : externalId };
}

function amountOf(body: unknown, extras: Extras): bigint | null {
  const text = textOf(body, 'amount', { extras, place: 'amount' });
  if (text === '') {
    extras['amount'] ??= 'amount is required';
    return null;
  }
  const parsed = parseAmount(text);
  if (parsed.ok) return parsed.value;
  extras['amount'] = AMOUNT_MISTAKES[parsed.error];
  return null;
}

function assetOf(given: unknown, extras: Extras): AssetReference | UnsupportedAsset | null {
  const id = textOf(given, 'id', { extras, place: 'asset.id' });
  const type = textOf(given, 'type', { extras, place: 'asset.type' }).toLowerCase();
  if (id !== '' && type !== '') {
    extras['asset'] = 'asset reference must specify either id or type, not both';
    return null;
  }
  if (id !== '') return { id };
  switch (type) {
    case '':
      extras['asset'] = 'asset reference is required - must specify either id or type';
      return null;
    case 'native':
      return { asset: XLM };
    case 'classic':
      return classicAssetOf(given, extras);
    case 'contract':
      if (textOf(given, 'contract_id', { extras, place: 'asset.contract_id' }) === '') {
        extras['asset.contract_id'] ??= 'contract_id is required for contract asset';
        return null;
      }
      return { unsupported: type };
    case 'fiat':
      if (textOf(given, 'code', { extras, place: 'asset.code' }) === '') {
        extras['asset.code'] ??= 'code is required for fiat asset';
        return null;
      }
      return { unsupported: type };
    default:
      extras['asset.type'] = 'invalid asset type. Must be one of: native, classic, contract, fiat';
      return null;
  }
}

function classicAssetOf(given: unknown, extras: Extras): AssetReference | null {
  const code = textOf(given, 'code', { extras, place: 'asset.code' });
  const issuer = textOf(given, 'issuer', { extras, place: 'asset.issuer' });
  if (code === '') extras['asset.code'] ??= 'code is required for classic asset';
  else if (!CODE.test(code)) extras['asset.code'] = 'invalid asset code format';
  if (issuer === '') extras['asset.issuer'] ??= 'issuer is required for classic asset';
  else if (!isAccountAddress(issuer)) extras['asset.issuer'] = 'invalid issuer address format';
  return { asset: { code, issuer } };
}

function receiverOf(given: unknown, extras: Extras): PayeeReference | null {
  const text = (name: string): string => textOf(given, name, { extras, place: `receiver.${name}` });
  const named = {
    id: text('id'),
    email: text('email'),
    phone_number: text('phone_number'),
    stellar_address: text('wallet_address'),
  };
  const values = Object.values(named).filter((value) => value !== '');
  if (values.length !== 1) {
    extras['receiver'] = 'receiver reference must specify exactly one identifier';
    return null;
  }
  if (named.id !== '') return { by: 'id', value: named.id };
  if (named.email !== '') {
    const value = readEmail(named.email);
    if (value === null) extras['receiver.email'] = 'invalid email format';
    return { by: 'email', value: value ?? '' };
  }
  if (named.phone_number !== '') {
    if (!looksLikePhoneNumber(named.phone_number)) {
      extras['receiver.phone_number'] = 'invalid phone number format';
    }
    return { by: 'phone_number', value: named.phone_number };
  }
  checkAddress(named.stellar_address, 'receiver.wallet_address', extras);
  return { by: 'stellar_address', value: named.stellar_address };
}

function walletOf(given: unknown, extras: Extras): DirectPaymentOrder['wallet'] | null {
  const id = textOf(given, 'id', { extras, place: 'wallet.id' });
  const address = textOf(given, 'address', { extras, place: 'wallet.address' });
  if (id !== '' && address !== '') {
    extras['wallet'] = 'wallet reference must specify either id or address, not both';
    return null;
  }
  if (id !== '') return { id };
  if (address === '') {
    extras['wallet'] = 'wallet reference is required - must specify either id or address';
    return null;
  }
  checkAddress(address, 'wallet.address', extras);
  return { address };
}

function checkAddress(address: string, place: string, extras: Extras): void {
  if (isAccountAddress(address)) return;
  extras[place] = isContractAddress(address) ? NO_CONTRACTS : NO_ADDRESS;
}
