import type { LineMistake } from './line-mistakes';

/** How to mend what is wrong in a field, by the field's name in mistakes. */
const MENDINGS: Readonly<Record<string, string>> = {
  id: 'Give this person an id of your own choice with at most 64 characters, for example P-1.',
  paymentID: 'Shorten it to at most 64 characters, or leave it empty.',
  amount:
    'Write a number above 0 with a point and at most seven decimals, for example 1234.5: no commas, no spaces, no currency.',
  phone:
    'Write + , the code of the country and the number, without spaces, for example +380445555555. Let your spreadsheet keep the column as text, so that it does not take the + away.',
  email: 'Write one address, for example ada@example.org.',
  'wallet address': 'Copy it from the wallet: it begins with G and has 56 characters.',
  'wallet address memo':
    'Copy it from the wallet: at most 28 characters of text, a whole number, or 64 hexadecimal digits. Leave it empty where the wallet names none.',
  'date of birth': 'Write year, month and day of a day in the past, for example 1990-01-30.',
  'year/month': 'Write year and month in the past, for example 1990-01.',
  pin: 'Write the PIN with the number of characters that the message names.',
  'national id': 'Write the number with at most the characters that the message names.',
  'contact info':
    'A file pays each person once: keep one of the lines, with the sum of both amounts where both are owed.',
};

/** How to mend a mistake, as a sentence; empty where nothing more can be said. */
export const mendingOf = ({ field }: Pick<LineMistake, 'field'>): string => MENDINGS[field] ?? '';
