import { type AccountKey, Signer } from '@libs/ledger';

/** Which new keys are wanted. Each is stored, sealed, before anybody learns of it. */
export type KeyOrder =
  | { readonly purpose: 'channel'; readonly count: number }
  /** The key of a tenant's own account; the one that is there already, when there is one. */
  | { readonly purpose: 'distribution'; readonly tenantId: string }
  /** The key that is to sign for a tenant's account next; the one that is there already, when there is one. */
  | { readonly purpose: 'rotation'; readonly tenantId: string; readonly account: string };

/** The secret keys that move money: who holds this signs with them and never sees them. */
export abstract class LedgerKeys extends Signer {
  /** The host account, whose seed is in the environment of whoever holds the keys. */
  abstract get host(): AccountKey;

  /** Makes keys and answers with their public halves. Throws `SignerUnavailableError` in an outage; then it may be asked again. */
  abstract make(order: KeyOrder): Promise<readonly string[]>;

  /** Why nothing can be signed now; none when it can. */
  abstract problems(): readonly string[];

  abstract close(): Promise<void>;
}

/** So many signatures or keys are asked for at once at most; more are several requests. */
export const REQUESTS_MAX = 1_000;
