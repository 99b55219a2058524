/** Whatever was thrown, as an error with a message that a person can read. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : thrown;
  return new Error(typeof message === 'string' ? message : JSON.stringify(message));
}
