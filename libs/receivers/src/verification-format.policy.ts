import type { VerificationField } from '@libs/contracts';

const PIN_CHARACTERS_MIN = 4;
const PIN_CHARACTERS_MAX = 8;
const NATIONAL_ID_CHARACTERS_MAX = 50;

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
  const date = dayOf(`${value}${rest}`);
  if (date === null) return `invalid ${what} format. Correct format: ${example}`;
  return date > today ? `${what} cannot be in the future` : null;
}

/** A real day of the calendar: the 30th of February is none. */
function dayOf(text: string): Date | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? date : null;
}
