/**
 * The TEMP table that a file is copied into, and the columns of it that are read here. Ids are filled in by whoever
 * copies; publishing replaces those of people and receiver wallets that are known already. `value_hmac` is bound to
 * nobody yet; `contact_hmac` is the hash with the row's contact, where older rows ask for it, and null otherwise.
 * `known` and `has_wallet`: the ids are those of rows that are stored; `differs`: their value is written beside the one that counts.
 */
export const PUBLISH_TABLE = 'pg_temp.upload_rows';
export const PUBLISH_COLUMNS = `
  line integer NOT NULL,
  contact text NOT NULL,
  external_id text,
  value_hmac bytea,
  contact_hmac bytea,
  stellar_address text,
  stellar_memo text,
  stellar_memo_type text,
  receiver_id uuid,
  receiver_wallet_id uuid,
  known boolean NOT NULL DEFAULT false,
  has_wallet boolean NOT NULL DEFAULT false,
  differs boolean NOT NULL DEFAULT false`;

/** Whose rows are taken at once: those whose contact is behind `after` and not behind `upTo`; null is no bound. */
export interface ContactRange {
  readonly after: string | null;
  readonly upTo: string | null;
}

export const EVERYBODY: ContactRange = { after: null, upTo: null };

/** SQL: that `u` is one of the range, whose bounds are the parameters from `after` on. */
export const inRange = (after: number): string =>
  `($${String(after)}::text IS NULL OR u.contact > $${String(after)}) AND ($${String(after + 1)}::text IS NULL OR u.contact <= $${String(after + 1)})`;
