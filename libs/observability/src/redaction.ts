/**
 * Takes secrets and personal data out of what is about to be logged, twice: by the name of the field, and by the look
 * of the text, because a value also hides in messages and errors of other libraries.
 */
const REDACTED = '[redacted]';
const DEPTH_MAX = 6;
const ENTRIES_MAX = 100;
const TEXT_MAX = 8_000;

const SECRET_NAMES =
  /pass(word|phrase)?$|secret|seed$|private_?key|api_?key|authorization|cookie|token|otp|one_?time_?code|pepper|verification(_?value)?$|hashed_?value|xdr$|envelope$|signature/i;
const PERSONAL_NAMES =
  /phone|e_?mail|^contact$|first_?name|last_?name|full_?name|date_?of_?birth|national_?id|^pin$|address_?line|recipient_?name|^body$|^text$/i;
/** These only look like the names above. */
const HARMLESS_NAMES = /^(network_?passphrase|token_?kind|email_?count|phone_?count)$/i;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // A secret seed of the ledger (public addresses start with G and stay readable).
  [/\bS[A-Z2-7]{55}\b/g, '[seed]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  // The password of a database or broker address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+):[^\s@/]+@/gi, '$1:[redacted]@'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+/g, '[e-mail]'],
  [/\+[1-9][0-9]{6,14}\b/g, '[phone]'],
];

/** A text without what looks like a secret, an e-mail address or a phone number, cut to 8,000 characters. */
export function scrubText(text: string): string {
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  return PATTERNS.reduce((scrubbed, [pattern, instead]) => scrubbed.replace(pattern, instead), cut);
}

/** A copy that is safe to log: bounded in depth and size, with sensitive fields and texts replaced. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return scrubError(value, depth);
  if (depth >= DEPTH_MAX) return '[deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => scrub(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ENTRIES_MAX)
      .map(([name, item]) => [name, isSensitive(name) ? REDACTED : scrub(item, depth + 1)]),
  );
}

const isSensitive = (name: string): boolean =>
  !HARMLESS_NAMES.test(name) && (SECRET_NAMES.test(name) || PERSONAL_NAMES.test(name));

/** Of an error of PostgreSQL the code and the constraint are kept; its detail repeats values of the row. */
function scrubError(error: Error, depth: number): Record<string, unknown> {
  const code = 'code' in error ? error.code : undefined;
  const constraint = 'constraint' in error ? error.constraint : undefined;
  return {
    type: error.name,
    message: scrubText(error.message),
    stack: scrubText(error.stack ?? ''),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
    ...(error.cause === undefined || depth >= DEPTH_MAX ? {} : { cause: scrub(error.cause, depth + 1) }),
  };
}
