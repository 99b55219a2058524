/**
 * PostgreSQL is away, takes no more connections, or all of the pool's were busy for as long as anybody may wait for one.
 * Nothing was asked of it, so trying again later is safe and may help.
 */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError';

  constructor(cause: unknown) {
    super(`no connection to PostgreSQL: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
