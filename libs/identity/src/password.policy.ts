import { isCommonPassword } from './common-passwords';

const LENGTH_MIN = 12;
const LENGTH_MAX = 128;

interface Rule {
  readonly name: string;
  readonly holds: (password: string) => boolean;
  readonly says: string;
}

const RULES: readonly Rule[] = [
  {
    name: 'lowercase',
    holds: (text) => /[a-z]/.test(text),
    says: 'password must contain at least one lowercase letter',
  },
  {
    name: 'uppercase',
    holds: (text) => /[A-Z]/.test(text),
    says: 'password must contain at least one uppercase letter',
  },
  {
    name: 'digit',
    holds: (text) => /[0-9]/.test(text),
    says: 'password must contain at least one numerical digit',
  },
  {
    name: 'special character',
    holds: (text) => /[!-/:-@[-`{-~]/.test(text),
    says: 'password must contain at least one special character',
  },
  {
    name: 'invalid character',
    holds: (text) => /^[!-~]*$/.test(text),
    says: 'password cannot contain any invalid characters',
  },
  {
    name: 'length',
    holds: (text) => text.length >= LENGTH_MIN && text.length <= LENGTH_MAX,
    says: `password length must be between ${String(LENGTH_MIN)} and ${String(LENGTH_MAX)} characters`,
  },
];

/** One entry per rule that a new password breaks; empty when it may be used. */
export function brokenPasswordRules(password: string): Readonly<Record<string, string>> {
  const broken = RULES.filter((rule) => !rule.holds(password));
  if (broken.length === 0 && isCommonPassword(password)) {
    return { 'common password': 'password is determined to be too common' };
  }
  return Object.fromEntries(broken.map((rule) => [rule.name, rule.says]));
}
