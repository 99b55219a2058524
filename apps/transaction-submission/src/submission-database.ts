import { Database } from '@libs/persistence';

/**
 * Others wait for the rows that a frozen instance has locked before they can take over from it: it calls nothing outside in
 * a database transaction, so a silence this long in the middle of one is no work. While it signs it is half of this.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

export const openSubmissionDatabase = (options: {
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
}): Database => new Database({ ...options, idleInTransactionMs: IDLE_IN_TRANSACTION_MS });
