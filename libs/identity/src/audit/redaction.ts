const HIDDEN = '[redacted]';
/** Fields whose value nobody may read again: secrets, and what proves who somebody is. */
const SECRET =
  /passw|secret|token|(^|_)(otp|(?<!asset_)code|codes|key|pin|value|verification|credential|assertion|attestation)$|national_id|date_of_birth|year_month/i;
const TEXT_LENGTH_MAX = 500;
const ENTRIES_MAX = 50;
const DEPTH_MAX = 5;

/** A value as the audit log keeps it: without secrets, and no longer than somebody would read. */
export function redacted(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return shortened(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value instanceof Uint8Array) return HIDDEN;
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) return shortList(value.map((item: unknown) => redacted(item, depth + 1)));
  const entries = Object.entries(value).slice(0, ENTRIES_MAX);
  return Object.fromEntries(
    entries.map(([name, inner]) => [
      shortened(name),
      SECRET.test(name) && inner !== null && inner !== undefined ? HIDDEN : redacted(inner, depth + 1),
    ]),
  );
}

const shortList = (items: readonly unknown[]): unknown[] =>
  items.length <= ENTRIES_MAX
    ? [...items]
    : [...items.slice(0, ENTRIES_MAX), `… and ${String(items.length - ENTRIES_MAX)} more`];

/** PostgreSQL stores no NUL, and half a surrogate pair is no text at all. */
const shortened = (text: string): string => {
  const clean = text.replaceAll('\0', '').toWellFormed();
  return clean.length <= TEXT_LENGTH_MAX ? clean : `${[...clean].slice(0, TEXT_LENGTH_MAX).join('')}…`;
};
