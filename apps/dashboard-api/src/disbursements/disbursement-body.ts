import {
  CONTACT_TYPES,
  type ContactType,
  VERIFICATION_FIELDS,
  type VerificationField,
} from '@libs/contracts';
import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { templateMistake } from '@libs/tenants';

import { readSeenChanges } from './seen-recipients';

/** A body of `POST /disbursements` that passed every check which needs no database. */
export interface DisbursementBody {
  readonly name: string;
  readonly assetId: string;
  readonly contactType: ContactType;
  /** Empty where the wallet follows from the contact type. */
  readonly walletId: string;
  readonly verificationField: VerificationField | null;
  readonly messageTemplate: string;
}

const NAME_LENGTH_MAX = 128;

type Fields = Readonly<Record<string, unknown>>;

/** Throws a 400 that names every bad field. */
export function readDisbursementBody(body: unknown): DisbursementBody {
  const fields: Fields = typeof body === 'object' && body !== null ? { ...body } : {};
  const extras: Record<string, string> = {};
  const text = (name: string): string => {
    const value = fields[name];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'string') extras[name] = `${name} must be a string`;
    return typeof value === 'string' ? value.replaceAll('\0', '').trim() : '';
  };
  const name = text('name');
  if (name === '') extras['name'] ??= 'name is required';
  else if ([...name].length > NAME_LENGTH_MAX)
    extras['name'] = `name cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
  const assetId = text('asset_id');
  if (assetId === '') extras['asset_id'] ??= 'asset_id is required';
  const givenType = text('registration_contact_type').toUpperCase();
  const contactType = CONTACT_TYPES.find((type) => type === givenType);
  if (contactType === undefined) {
    extras['registration_contact_type'] =
      `registration_contact_type must be one of [${CONTACT_TYPES.join(' ')}]`;
  }
  const walletId = text('wallet_id');
  const givenField = text('verification_field').toUpperCase();
  const verificationField = VERIFICATION_FIELDS.find((field) => field === givenField) ?? null;
  if (contactType !== undefined)
    Object.assign(extras, wayExtras({ contactType, walletId, givenField, verificationField }));
  const messageTemplate = text('receiver_registration_message_template');
  Object.assign(extras, templateExtras(messageTemplate));
  if (Object.keys(extras).length > 0 || contactType === undefined) throw new HttpProblem(400, { extras });
  return { name, assetId, contactType, walletId, verificationField, messageTemplate };
}

/** What the approver of a start says to have seen. */
export interface SeenByApprover {
  /** The id of the file; null where they name none. */
  readonly file: string | null;
  /** The version of the changes of its people; null where they name none. */
  readonly changes: string | null;
}

/** Throws a 400 where one of the names can be none. */
export const readSeen = (body: unknown): SeenByApprover => ({
  file: readSeenFile(body),
  changes: readSeenChanges(body),
});

/** `file` of a start: the id of the file that its approver has seen; null where they name none. */
function readSeenFile(body: unknown): string | null {
  const file: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'file') : undefined;
  if (file === undefined || file === null) return null;
  if (typeof file === 'string' && isId(file.toLowerCase())) return file.toLowerCase();
  throw new HttpProblem(400, {
    extras: { file: 'file must be the id of the file that GET /disbursements/{id}/review shows' },
  });
}

/** People whose address the file brings need neither a wallet provider nor a verification; the others need both. */
function wayExtras(way: {
  readonly contactType: ContactType;
  readonly walletId: string;
  readonly givenField: string;
  readonly verificationField: VerificationField | null;
}): Record<string, string> {
  if (way.contactType.endsWith('_AND_WALLET_ADDRESS')) {
    const refused = 'is not allowed for this registration contact type';
    return {
      ...(way.walletId === '' ? {} : { wallet_id: `wallet_id ${refused}` }),
      ...(way.givenField === '' ? {} : { verification_field: `verification_field ${refused}` }),
    };
  }
  return {
    ...(way.walletId === '' ? { wallet_id: 'wallet_id is required' } : {}),
    ...(way.verificationField === null
      ? { verification_field: `verification_field must be one of [${VERIFICATION_FIELDS.join(' ')}]` }
      : {}),
  };
}

function templateExtras(template: string): Record<string, string> {
  const field = 'receiver_registration_message_template';
  if (template === '') return {};
  const mistake = templateMistake('invitation', template, field);
  return mistake === null ? {} : { [field]: mistake };
}
