import type { ContactType, VerificationField } from '@libs/contracts';
import { err, ok, type Result } from '@libs/kernel';

const COLUMNS = [
  'phone',
  'email',
  'id',
  'amount',
  'verification',
  'paymentID',
  'walletAddress',
  'walletAddressMemo',
] as const;
export type Column = (typeof COLUMNS)[number];

/** Where each column of the file stands; one that is absent is not in the file. */
export type ColumnPlaces = Readonly<Partial<Record<Column, number>>>;

/** What kind of file a disbursement takes. */
export interface FileKind {
  readonly contactType: ContactType;
  /** Null where people need no verification, because the file or the wallet vouches for them. */
  readonly verificationField: VerificationField | null;
}

export const bringsAddresses = ({ contactType }: FileKind): boolean =>
  contactType === 'PHONE_NUMBER_AND_WALLET_ADDRESS' || contactType === 'EMAIL_AND_WALLET_ADDRESS';

export const contactColumnOf = ({ contactType }: FileKind): 'phone' | 'email' =>
  contactType === 'EMAIL' || contactType === 'EMAIL_AND_WALLET_ADDRESS' ? 'email' : 'phone';

function columnRules(kind: FileKind): {
  readonly required: readonly Column[];
  readonly refused: readonly Column[];
} {
  const contact = contactColumnOf(kind);
  const otherContact = contact === 'phone' ? 'email' : 'phone';
  if (bringsAddresses(kind)) {
    return { required: [contact, 'walletAddress'], refused: [otherContact, 'verification'] };
  }
  const refused: Column[] = [otherContact, 'walletAddress', 'walletAddressMemo'];
  return kind.verificationField === null
    ? { required: [contact], refused: [...refused, 'verification'] }
    : { required: [contact, 'verification'], refused };
}

/** The header of a file of this kind, with every column that it may have: an empty table to be filled in. */
export function templateFor(kind: FileKind): string {
  const { required, refused } = columnRules(kind);
  const ordered: readonly Column[] = [...required.slice(0, 1), 'id', 'amount', ...required.slice(1)];
  const optional = COLUMNS.filter((column) => !ordered.includes(column) && !refused.includes(column));
  return `${[...ordered, ...optional].join(',')}\n`;
}

/** Far more than any list of people has; a line of ten thousand columns is another kind of file. */
const COLUMNS_MAX = 256;

/** Reads the first record of a file; fails with a sentence. Names are case-sensitive; columns that are not ours are ignored. */
export function readHeader(header: readonly string[], kind: FileKind): Result<ColumnPlaces, string> {
  const places: Partial<Record<Column, number>> = {};
  const { required, refused } = columnRules(kind);
  const wrong = (text: string): Result<ColumnPlaces, string> =>
    err(`CSV columns are not valid for registration contact type ${kind.contactType}: ${text}`);
  if (header.length > COLUMNS_MAX) return wrong(`at most ${String(COLUMNS_MAX)} columns are allowed`);
  for (const [place, name] of header.entries()) {
    const column = COLUMNS.find((one) => one === name);
    if (column === undefined) continue;
    if (places[column] !== undefined) return wrong(`${column} column is there twice`);
    places[column] = place;
  }
  const missing = required.find((column) => places[column] === undefined);
  if (missing !== undefined) return wrong(`${missing} column is required`);
  const surplus = refused.find((column) => places[column] !== undefined);
  if (surplus !== undefined)
    return wrong(`${surplus} column is not allowed for this registration contact type`);
  return ok(places);
}
