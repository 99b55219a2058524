import { dictionary } from '@zxcvbn-ts/language-common';

/** The ~50,000 passwords that turn up most in leaks, in lower case (package @zxcvbn-ts/language-common, MIT). */
let common: ReadonlySet<string> | undefined;

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
/** Shorter words say nothing about what they stand in. */
const WORD_LENGTH_MIN = 4;

const plain = (text: string): string => text.replace(/[013457@$!]/g, (sign) => LEET[sign] ?? sign);

/** `abab` and `ababab` are `ab`. */
const unrepeated = (text: string): string => /^(.+?)\1+$/.exec(text)?.[1] ?? text;

/**
 * Whether a password is one that everybody tries first: one of the list as it is, or with signs for letters
 * (`P@ssw0rd`), with digits and signs around it to please a rule (`Password2026!!`), or several times in a row.
 */
export function isCommonPassword(password: string): boolean {
  common ??= new Set(dictionary['passwords-common'].map((word) => word.toLowerCase()));
  const lower = password.toLowerCase();
  const core = lower.replace(/^[^a-z]+|[^a-z]+$/g, '');
  const letters = lower.replace(/[^a-z0-9]/g, '');
  const forms = [lower, core, letters, unrepeated(letters), core.replace(/[^a-z0-9]/g, '')];
  for (const form of [...forms, ...forms.map(plain)]) {
    if (form.length >= WORD_LENGTH_MIN && common.has(form)) return true;
  }
  return false;
}
