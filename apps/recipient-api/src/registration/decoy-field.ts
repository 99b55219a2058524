import { VERIFICATION_FIELDS, type VerificationField } from '@libs/contracts';

/**
 * What a contact that nobody knows is asked for: one of the fields that the organisation asks people for, always the
 * same for the same contact.
 */
export function decoyField(
  fieldsInUse: readonly VerificationField[] | null,
  contactHmac: Uint8Array,
): VerificationField {
  const fields =
    fieldsInUse === null || fieldsInUse.length === 0 ? VERIFICATION_FIELDS.slice(0, 1) : fieldsInUse;
  return fields[(contactHmac[0] ?? 0) % fields.length] ?? 'DATE_OF_BIRTH';
}
