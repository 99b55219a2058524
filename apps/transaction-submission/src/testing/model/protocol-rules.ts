/** The rules of "Paying exactly once", each of which can be taken away. */
export interface ProtocolRules {
  /** (a) An attempt is committed before its envelope is first sent. */
  readonly storeBeforeSending: boolean;
  /** (a) STORED → SENT is committed before the first byte, so that STORED proves unsent. */
  readonly markBeforeSending: boolean;
  /** (a) After the database has become another one, nothing is signed until it agrees with the ledger. */
  readonly restoreGuard: boolean;
  /** (b) While an attempt is live, only its own envelopes are sent for its payments. */
  readonly ownEnvelopesOnly: boolean;
  /** (c) A hash that is not found is never evidence. */
  readonly notFoundIsNoEvidence: boolean;
  /** (c) Expiry is proven by the node's own ledger, not by the newest one that anybody has seen. */
  readonly expiryByTheSameAnswer: boolean;
  /** (c) Expiry is believed only of a node that returns the attempt's last seen ledger with the same hash. */
  readonly sameHistory: boolean;
  /** (c) A used sequence number says nothing until it is known what used it. */
  readonly supersededBySight: boolean;
  /** (d) Only after an attempt has ended may its payments be signed again. */
  readonly endBeforeSigningAgain: boolean;
  /** (e) A channel account serves no other attempt while its attempt is live. */
  readonly oneAttemptPerChannel: boolean;
  /** (f) A refusal is never evidence. */
  readonly refusalIsNoEvidence: boolean;
  /** (f) What cannot pass is superseded by a no-op at the same sequence number. */
  readonly noOp: boolean;
  /** Each handing-over of a payment is one submission, for ever. */
  readonly dispatchNumbers: boolean;
  /** Holds are read again in the database transactions that store and that send. */
  readonly holdsAreRead: boolean;
  /** Every write names the owner of the channel account. */
  readonly ownership: boolean;
}

export const ALL_RULES: ProtocolRules = {
  storeBeforeSending: true,
  markBeforeSending: true,
  restoreGuard: true,
  ownEnvelopesOnly: true,
  notFoundIsNoEvidence: true,
  expiryByTheSameAnswer: true,
  sameHistory: true,
  supersededBySight: true,
  endBeforeSigningAgain: true,
  oneAttemptPerChannel: true,
  refusalIsNoEvidence: true,
  noOp: true,
  dispatchNumbers: true,
  holdsAreRead: true,
  ownership: true,
};

export const without = (rule: keyof ProtocolRules): ProtocolRules => ({ ...ALL_RULES, [rule]: false });
