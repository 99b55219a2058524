import { VERIFICATION_FIELDS, type VerificationField } from '@libs/contracts';
import { err, ok, type Result } from '@libs/kernel';
import { isOneTimeCode } from '@libs/receivers';

import { type Contact, emailOf, phoneNumberOf } from './contact';

export type FieldCode = 'EXTRA_0' | 'EXTRA_1' | 'EXTRA_2' | 'EXTRA_3' | 'EXTRA_4' | 'EXTRA_5' | 'EXTRA_6';

/** What is wrong with a form: a text per field, and the codes that a page shows its own texts by. */
export interface FormMistakes {
  readonly extras: Readonly<Record<string, string>>;
  readonly codes: readonly FieldCode[];
}

export interface RegistrationForm {
  readonly contact: Contact;
  readonly code: string;
  readonly field: VerificationField;
  readonly value: string;
}

const PIN_MIN = 4;
const PIN_MAX = 8;
const NATIONAL_ID_MAX = 50;

const textOf = (body: unknown, name: string): string => {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  return typeof value === 'string' ? value.trim() : '';
};

/** Reads the contact of a body: exactly one of phone number and e-mail. */
export function readContact(body: unknown): Result<Contact, FormMistakes> {
  const phone = textOf(body, 'phone_number');
  const email = textOf(body, 'email');
  if (phone === '' && email === '') {
    const text = 'phone_number or email is required';
    return err({ extras: { phone_number: text, email: text }, codes: ['EXTRA_0'] });
  }
  if (phone !== '' && email !== '') {
    const text = 'phone_number and email cannot be both provided';
    return err({ extras: { phone_number: text, email: text }, codes: [] });
  }
  const contact = phone === '' ? emailOf(email) : phoneNumberOf(phone);
  if (contact !== null) return ok(contact);
  return phone === ''
    ? err({ extras: { email: 'invalid email format' }, codes: [] })
    : err({ extras: { phone_number: 'invalid phone format. Correct format: +380445555555' }, codes: [] });
}

/** Reads what a person gives to be registered. `today` decides what lies in the future. */
export function readRegistrationForm(body: unknown, today: Date): Result<RegistrationForm, FormMistakes> {
  const contact = readContact(body);
  const extras: Record<string, string> = contact.ok ? {} : { ...contact.error.extras };
  const codes: FieldCode[] = contact.ok ? [] : [...contact.error.codes];
  const code = textOf(body, 'otp');
  if (!isOneTimeCode(code)) {
    extras['otp'] = 'invalid otp format. Needs to be a 6 digit value';
    codes.push('EXTRA_1');
  }
  const asked = textOf(body, 'verification_field');
  const field = VERIFICATION_FIELDS.find((one) => one === asked);
  const value = textOf(body, 'verification');
  if (field === undefined) {
    extras['verification_field'] = `invalid parameter. valid values are: [${VERIFICATION_FIELDS.join(' ')}]`;
  } else {
    const mistake = mistakeIn(field, value, today);
    if (mistake !== null) {
      extras['verification'] = mistake.text;
      codes.push(mistake.code);
    }
  }
  if (!contact.ok || field === undefined || Object.keys(extras).length > 0) return err({ extras, codes });
  return ok({ contact: contact.value, code, field, value });
}

interface ValueMistake {
  readonly text: string;
  readonly code: FieldCode;
}

function mistakeIn(field: VerificationField, value: string, today: Date): ValueMistake | null {
  switch (field) {
    case 'DATE_OF_BIRTH': {
      const date = dateOf(value, '');
      if (date === null) {
        return { text: 'invalid date of birth format. Correct format: 1990-01-30', code: 'EXTRA_2' };
      }
      return date > today ? { text: 'date of birth cannot be in the future', code: 'EXTRA_4' } : null;
    }
    case 'YEAR_MONTH': {
      const date = dateOf(value, '-01');
      if (date === null)
        return { text: 'invalid year/month format. Correct format: 1990-12', code: 'EXTRA_3' };
      return date > today ? { text: 'year/month cannot be in the future', code: 'EXTRA_4' } : null;
    }
    case 'PIN': {
      const isFine = value.length >= PIN_MIN && value.length <= PIN_MAX;
      const text = 'invalid pin length. Cannot have less than 4 or more than 8 characters in pin';
      return isFine ? null : { text, code: 'EXTRA_5' };
    }
    case 'NATIONAL_ID_NUMBER': {
      const isFine = value.length >= 1 && value.length <= NATIONAL_ID_MAX;
      const text = 'invalid national id. Cannot have more than 50 characters in national id';
      return isFine ? null : { text, code: 'EXTRA_6' };
    }
  }
}

/** A real day of the calendar; `rest` completes a year and month. */
function dateOf(value: string, rest: string): Date | null {
  const text = `${value}${rest}`;
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? date : null;
}
