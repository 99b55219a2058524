/** The code of an operating system's error (`ENOENT`, `EPERM`, …), or an empty text for anything else. */
export function systemErrorCode(error: unknown): string {
  // Not `instanceof Error`: in a test the error may come from another realm.
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
