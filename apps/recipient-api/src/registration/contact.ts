/** How a person says who they are: exactly one of the two, normalised as it is stored. */
export interface Contact {
  readonly kind: 'PHONE_NUMBER' | 'EMAIL';
  readonly value: string;
}

const PHONE_NUMBER = /^\+[1-9][0-9]{9,14}$/;
const EMAIL =
  /^[^\s@"(),:;<>[\\\]]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
const EMAIL_CHARACTERS_MAX = 254;

/** People write numbers with spaces and dashes. Null: no number in international form. */
export function phoneNumberOf(text: string): Contact | null {
  const value = text.trim().replace(/[\s().-]/g, '');
  return PHONE_NUMBER.test(value) ? { kind: 'PHONE_NUMBER', value } : null;
}

export function emailOf(text: string): Contact | null {
  const value = text.trim().toLowerCase();
  return value.length <= EMAIL_CHARACTERS_MAX && EMAIL.test(value) ? { kind: 'EMAIL', value } : null;
}

export const channelOf = (contact: Contact): 'SMS' | 'EMAIL' => (contact.kind === 'EMAIL' ? 'EMAIL' : 'SMS');

/** A contact as it may be shown to somebody who may not be its owner: its first and last three characters. */
export const truncated = (contact: string): string => `${contact.slice(0, 3)}...${contact.slice(-3)}`;
