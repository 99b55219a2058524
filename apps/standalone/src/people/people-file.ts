import { formatAmount } from '@libs/kernel';

import type { Person } from './person';

const COLUMNS = ['name', 'phone', 'id', 'amount', 'verification', 'paymentID'];

/** The file that staff upload. `name` is for people who look at it; the upload ignores columns that it does not know. */
export function peopleFile(people: readonly Person[]): string {
  const rows = people.map((person) =>
    [
      person.name,
      person.phone,
      person.id,
      amountCell(person.amount),
      person.dateOfBirth,
      person.paymentId,
    ].join(','),
  );
  return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
}

/** As people write amounts: `12.5`, not `12.5000000`. */
const amountCell = (stroops: bigint): string => formatAmount(stroops).replace(/\.?0+$/, '');
