/** The code of a system error such as ENOENT; the error may come from another realm, so its class says nothing. */
export const errorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
