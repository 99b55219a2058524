/** What pg-pool says when all connections were busy for as long as anybody may wait for one. */
const POOL_IS_BUSY = 'timeout exceeded when trying to connect';
/** Of the network, and of PostgreSQL while it starts or has as many connections as it takes. */
const NOBODY_THERE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'],
  ...['53300', '57P03'],
]);

/** Whether an error says that no connection to PostgreSQL could be had. Trying again later may help. */
export function isWithoutConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message === POOL_IS_BUSY || NOBODY_THERE.has(code);
}
