import type { VerificationField } from '@libs/contracts';

const PIN_CHARACTERS_MIN = 4;
const PIN_CHARACTERS_MAX = 8;
const NATIONAL_ID_CHARACTERS_MAX = 50;
const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with a verification value, in the texts of the API; null when nothing is. `today` decides what lies in the future. */
export function verificationMistake(field: VerificationField, value: string, today: Date): string | null {
  switch (field) {
    case 'DATE_OF_BIRTH':
      return dateMistake(value, today, { what: 'date of birth', example: '1990-01-30', rest: '' });
    case 'YEAR_MONTH':
      return dateMistake(value, today, { what: 'year/month', example: '1990-12', rest: '-01' });
    case 'PIN':
      return value.length >= PIN_CHARACTERS_MIN && value.length <= PIN_CHARACTERS_MAX
        ? null
        : 'invalid pin length. Cannot have less than 4 or more than 8 characters in pin';
    case 'NATIONAL_ID_NUMBER':
      if (value === '') return 'national id cannot be empty';
      return value.length <= NATIONAL_ID_CHARACTERS_MAX
        ? null
        : 'invalid national id. Cannot have more than 50 characters in national id';
  }
}

function dateMistake(
  value: string,
  today: Date,
  { what, example, rest }: { readonly what: string; readonly example: string; readonly rest: string },
): string | null {
  if (value === '') return `${what} cannot be empty`;
  const day = dayOf(`${value}${rest}`);
  if (day === null) return `invalid ${what} format. Correct format: ${example}`;
  return day > today.getTime() ? `${what} cannot be in the future` : null;
}

/**
 * When a real day of the calendar begins, in milliseconds; the 30th of February is none. Read by its digits: a file asks for
 * a million of them, and reading a date and writing it again to compare takes as long as all the rest of a line.
 */
function dayOf(text: string): number | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (DAYS_OF_MONTHS[month - 1] ?? 0);
  if (day < 1 || day > days) return null;
  // Of years before 100 it makes others, which are past as well.
  return Date.UTC(year, month - 1, day);
}
