import { VERIFICATION_FIELDS, type VerificationField } from '@libs/contracts';
import { err, ok, type Result } from '@libs/kernel';
import { isOneTimeCode, verificationMistake } from '@libs/receivers';

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
    const mistake = verificationMistake(field, value, today);
    if (mistake !== null) {
      extras['verification'] = mistake;
      codes.push(codeOf(field, value, mistake));
    }
  }
  if (!contact.ok || field === undefined || Object.keys(extras).length > 0) return err({ extras, codes });
  return ok({ contact: contact.value, code, field, value });
}

/** The codes by which a page shows its own texts. */
function codeOf(field: VerificationField, value: string, text: string): FieldCode {
  if (value === '') return 'EXTRA_0';
  if (text.includes('in the future')) return 'EXTRA_4';
  switch (field) {
    case 'DATE_OF_BIRTH':
      return 'EXTRA_2';
    case 'YEAR_MONTH':
      return 'EXTRA_3';
    case 'PIN':
      return 'EXTRA_5';
    case 'NATIONAL_ID_NUMBER':
      return 'EXTRA_6';
  }
}
