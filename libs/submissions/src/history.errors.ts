/** The database may have forgotten what was sent: nothing may be signed, sent or taken for unsent. */
export class HistoryChangedError extends Error {
  override readonly name = 'HistoryChangedError';

  constructor() {
    super('the database is not known to agree with the ledger: nothing is signed until it does');
  }
}
