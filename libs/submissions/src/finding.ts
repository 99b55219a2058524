/** What can be wrong between our books and the ledger. Each is an alert. */
export const FINDING_KINDS = [
  /** Something left a paying account that no attempt explains. */
  'unordered-payment',
  /** An attempt of ours paid another amount, asset, destination or memo than was ordered. */
  'wrong-payment',
  /** The ledger shows the payments of an attempt that our books ended otherwise. */
  'unrecorded-payment',
  /** The ledger shows the payments of an attempt that is still open in our books long after. */
  'unsettled-payment',
  /** Our books show an attempt as applied, and the ledger does not. */
  'missing-payment',
  /** A payment is SUCCESS without an applied attempt that carried it. */
  'unproven-success',
  /** An attempt is open long after no ledger could apply it any more. */
  'overdue-attempt',
  /** What is promised of an account's balance is not what its open payments need. */
  'reservation',
  /** The counters of a disbursement are not what its payments add up to. */
  'disbursement-counter',
  /** A channel account has used other sequence numbers than our books know of, after a restore. */
  'restored-sequence',
  /** Something left a paying account that the restored books do not explain. */
  'restored-payment',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** The operation, attempt, submission or account that it is about. */
  readonly subject: string;
  readonly tenantId: string | null;
  /** What a person needs to look into it; amounts as decimal texts. */
  readonly details: Readonly<Record<string, string | number | null>>;
}

export interface StoredFinding extends Finding {
  readonly foundAt: Date;
  readonly seenAt: Date;
}
