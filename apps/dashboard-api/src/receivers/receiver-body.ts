import { VERIFICATION_FIELDS, type VerificationField } from '@libs/contracts';
import { HttpProblem } from '@libs/http';
import { guessMemoType, isAccountAddress, isContractAddress, type Memo, parseMemo } from '@libs/ledger';
import { type GivenAddress, isTelephone, readEmail, verificationMistake } from '@libs/receivers';
import { fieldOf } from '@libs/kernel';

export interface GivenVerification {
  readonly field: VerificationField;
  readonly value: string;
}

/** What `POST /receivers` brings. */
export interface ReceiverOrder {
  readonly email: string | null;
  readonly phoneNumber: string | null;
  readonly externalId: string;
  readonly verifications: readonly GivenVerification[];
  readonly wallet: GivenAddress | null;
}

/** What `PATCH /receivers/{id}` brings; a field that it does not name is undefined. */
export interface ReceiverEdit {
  readonly email?: string;
  readonly phoneNumber?: string;
  readonly externalId?: string;
  readonly verifications: readonly GivenVerification[];
}

type Extras = Record<string, string>;

const EXTERNAL_ID_CHARACTERS_MAX = 64;
const VERIFICATIONS_MAX = VERIFICATION_FIELDS.length;
const VERIFICATION_KEYS: Readonly<Record<string, VerificationField>> = {
  date_of_birth: 'DATE_OF_BIRTH',
  year_month: 'YEAR_MONTH',
  pin: 'PIN',
  national_id: 'NATIONAL_ID_NUMBER',
};
const MEMO_MISTAKE = 'invalid memo. A memo is a number, 64 hexadecimal digits, or a text of at most 28 bytes';

/** For a national id any text is right, so what is none has to be asked for. */
const NO_TEXT = 'the value must be a text';

/** A text without spaces around; null where there is none. What is no text becomes one that no rule accepts. */
function textOf(body: unknown, name: string): string | null {
  const value = fieldOf(body, name);
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value.trim() : '\0';
}

const listOf = (body: unknown, name: string): readonly unknown[] => {
  const value = fieldOf(body, name);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
};

/** Throws a 400 that names every bad field. */
export function readReceiverOrder(body: unknown, today: Date): ReceiverOrder {
  const extras: Extras = {};
  const [email, phone] = [textOf(body, 'email') ?? '', textOf(body, 'phone_number') ?? ''];
  if (email === '' && phone === '') {
    extras['email'] = 'email is required when phone_number is not provided';
    extras['phone_number'] = 'phone_number is required when email is not provided';
  }
  const order = {
    email: email === '' ? null : emailOf(email, extras),
    phoneNumber: phone === '' ? null : phoneOf(phone, extras),
    externalId: externalIdOf(textOf(body, 'external_id') ?? '', extras, 'external_id is required'),
    verifications: verificationsOf(body, today, extras),
    wallet: walletOf(body, extras),
  };
  const isUnproven = listOf(body, 'verifications').length === 0 && listOf(body, 'wallets').length === 0;
  if (isUnproven) {
    extras['verifications'] = 'verifications are required when wallets are not provided';
    extras['wallets'] = 'wallets are required when verifications are not provided';
  }
  for (const name of ['verifications', 'wallets']) {
    if (!Array.isArray(fieldOf(body, name) ?? [])) extras[name] = `${name} must be a list`;
  }
  if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: 'validation error', extras });
  return order;
}

/** Throws a 400 that names every bad field. */
export function readReceiverEdit(body: unknown, today: Date): ReceiverEdit {
  const extras: Extras = {};
  const [email, phone] = [textOf(body, 'email') ?? '', textOf(body, 'phone_number') ?? ''];
  const externalId = textOf(body, 'external_id') ?? '';
  const verifications = Object.entries(VERIFICATION_KEYS).flatMap(([key, field]) => {
    const value = textOf(body, key) ?? '';
    if (value === '') return [];
    const mistake = value.includes('\0') ? NO_TEXT : verificationMistake(field, value, today);
    if (mistake !== null) extras[key] = mistake;
    return [{ field, value }];
  });
  const edit = {
    ...(email === '' ? {} : { email: emailOf(email, extras) ?? '' }),
    ...(phone === '' ? {} : { phoneNumber: phoneOf(phone, extras) ?? '' }),
    ...(externalId === '' ? {} : { externalId: externalIdOf(externalId, extras, '') }),
    verifications,
  };
  const isEmpty = verifications.length === 0 && Object.keys(edit).length === 1;
  if (isEmpty) extras['body'] = 'request body is empty';
  if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: 'request invalid', extras });
  return edit;
}

/** A memo as the ledger takes it, of the type that it looks like. Undefined for what is none. */
export function memoOf(text: string): Memo | undefined {
  // The ledger would take it, the database cannot.
  if (text.includes('\0')) return undefined;
  const memo = parseMemo(guessMemoType(text), text);
  return memo.ok ? memo.value : undefined;
}

function emailOf(text: string, extras: Extras): string | null {
  const email = readEmail(text);
  if (email === null) extras['email'] = 'invalid email format';
  return email;
}

function phoneOf(text: string, extras: Extras): string | null {
  if (isTelephone(text)) return text;
  extras['phone_number'] = 'invalid phone number format';
  return null;
}

function externalIdOf(text: string, extras: Extras, ifEmpty: string): string {
  if (text === '') extras['external_id'] = ifEmpty;
  else if (text.includes('\0')) extras['external_id'] = 'external_id must be a text';
  else if ([...text].length > EXTERNAL_ID_CHARACTERS_MAX) {
    extras['external_id'] = `external_id cannot exceed ${String(EXTERNAL_ID_CHARACTERS_MAX)} characters`;
  }
  return text;
}

function verificationsOf(body: unknown, today: Date, extras: Extras): GivenVerification[] {
  const given = listOf(body, 'verifications');
  if (given.length > VERIFICATIONS_MAX) {
    extras['verifications'] = `at most ${String(VERIFICATIONS_MAX)} verifications are allowed per receiver`;
    return [];
  }
  const seen = new Set<string>();
  return given.flatMap((one, index) => {
    const [type, value] = [textOf(one, 'type') ?? '', textOf(one, 'value') ?? ''];
    const field = VERIFICATION_FIELDS.find((known) => known === type);
    if (field === undefined || seen.has(type)) {
      extras[`verifications[${String(index)}].type`] =
        field === undefined ? 'invalid verification type' : 'each verification type can be given once';
      return [];
    }
    seen.add(type);
    const mistake = value.includes('\0') ? NO_TEXT : verificationMistake(field, value, today);
    if (mistake !== null) extras[`verifications[${String(index)}].value`] = mistake;
    return [{ field, value }];
  });
}

function walletOf(body: unknown, extras: Extras): GivenAddress | null {
  const given = listOf(body, 'wallets');
  if (given.length > 1) extras['wallets'] = 'only one wallet is allowed per receiver';
  const [wallet] = given;
  if (given.length !== 1) return null;
  const address = textOf(wallet, 'address') ?? '';
  if (!isAccountAddress(address)) {
    extras['wallets[0].address'] = isContractAddress(address)
      ? 'contract addresses are not supported yet'
      : 'invalid stellar address format';
  }
  const memoText = textOf(wallet, 'memo') ?? '';
  const memo = memoText === '' ? null : memoOf(memoText);
  if (memo === undefined) extras['wallets[0].memo'] = MEMO_MISTAKE;
  return { address, memo: memo ?? null };
}
