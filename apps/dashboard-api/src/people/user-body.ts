import { type Role, ROLES } from '@libs/contracts';
import { isEmail, normalisedEmail } from '@libs/identity';

const NAME_LENGTH_MAX = 128;

export type Extras = Record<string, string>;

/** A text of a JSON body: trimmed, without what cannot be stored; null when it is absent or no text. */
export function textOf(body: object, field: string): string | null {
  const value: unknown = Reflect.get(body, field);
  return typeof value === 'string' ? value.replaceAll('\0', '').trim() : null;
}

export function nameOf(body: object, field: 'first_name' | 'last_name', extras: Extras): string {
  const name = textOf(body, field) ?? '';
  if (name === '') extras[field] = `${field} is required`;
  else if ([...name].length > NAME_LENGTH_MAX) {
    extras[field] = `${field} cannot exceed ${String(NAME_LENGTH_MAX)} characters`;
  }
  return name;
}

export function emailOf(body: object, extras: Extras): string {
  const email = normalisedEmail(textOf(body, 'email') ?? '');
  if (email === '') extras['email'] = 'email is required';
  else if (!isEmail(email)) extras['email'] = 'invalid email provided';
  return email;
}

/** Exactly one role, as a list. */
export function rolesOf(body: object, extras: Extras): readonly Role[] {
  const given: unknown = Reflect.get(body, 'roles');
  const names: unknown[] = Array.isArray(given) ? given : [];
  if (names.length === 2 && names.includes('initiator') && names.includes('approver')) {
    extras['roles'] = 'initiator and approver roles are mutually exclusive';
  } else if (names.length !== 1) {
    extras['roles'] = 'the number of roles required is exactly one';
  } else if (!ROLES.some((role) => role === names[0])) {
    const name = typeof names[0] === 'string' ? names[0] : JSON.stringify(names[0]);
    extras['roles'] = `unexpected value for roles[0]=${name.slice(0, NAME_LENGTH_MAX)}`;
  }
  return ROLES.filter((role) => names.includes(role));
}

export const objectOf = (body: unknown): object =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
