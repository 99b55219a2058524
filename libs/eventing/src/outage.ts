import { NoConnectionError } from '@libs/persistence';

import { OutageError } from './eventing.errors';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);
/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention. */
const OUTAGE_CLASSES = ['08', '53', '57P'];
const MESSAGES = /^(Connection terminated|Client has encountered a connection error)/;

/** Whether the database was away, as opposed to a statement that it refused. */
export function isOutage(error: unknown): boolean {
  if (error instanceof OutageError || error instanceof NoConnectionError) return true;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    NETWORK_CODES.has(code) ||
    OUTAGE_CLASSES.some((start) => code.startsWith(start)) ||
    MESSAGES.test(error.message)
  );
}
