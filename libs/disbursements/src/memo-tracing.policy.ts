import { createHash } from 'node:crypto';

const DIGITS = 12;

/** The text memo that shows on the ledger which organisation paid: `sdp-` and 12 hex digits of its base URL's SHA-256. */
export const tracingMemoOf = (baseUrl: string): string =>
  `sdp-${createHash('sha256').update(baseUrl).digest('hex').slice(0, DIGITS)}`;
