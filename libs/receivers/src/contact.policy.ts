import parsePhoneNumber from 'libphonenumber-js/max';

import { isSurelyTelephone } from './numbering-plans';

const PHONE_NUMBER = /^\+[1-9][0-9]{9,14}$/;
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;
const EMAIL_CHARACTERS_MAX = 254;

/** The look of an international number. Cheap: for every line of a file. */
export const looksLikePhoneNumber = (text: string): boolean => PHONE_NUMBER.test(text);

/** Whether such a number can exist in its country's plan. Dear: once per new number. */
export const isTelephone = (number: string): boolean =>
  looksLikePhoneNumber(number) &&
  (isSurelyTelephone(number) || parsePhoneNumber(number, { extract: false })?.isValid() === true);

/** As it is stored and compared: in lower case. Null for what is no e-mail address. */
export function readEmail(text: string): string | null {
  const email = text.toLowerCase();
  return email.length <= EMAIL_CHARACTERS_MAX && EMAIL.test(email) ? email : null;
}
