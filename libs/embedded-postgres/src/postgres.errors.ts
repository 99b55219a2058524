/** PostgreSQL could not be started or stopped. The message is one sentence that a user can act on. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
}
