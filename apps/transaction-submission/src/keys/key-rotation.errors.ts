/** A key cannot be replaced, or not now: the message says why and what to do. Nothing was lost; the command may be repeated. */
export class KeyRotationError extends Error {
  override readonly name = 'KeyRotationError';
}
