import type { Asset } from '@libs/kernel';

import type { LedgerTransaction } from './ledger-reader.port';
import type { Memo } from './memo';

/** A key that signs for one account. `seed` is the 32 secret bytes: it is never logged and never serialised. */
export interface LedgerKey {
  readonly address: string;
  readonly seed: Uint8Array;
}

/** A ledger account and the public key that signs for it: they differ once the key was rotated. */
export interface AccountKey {
  readonly account: string;
  readonly key: string;
}

/** An account that signs with the key it was born with. */
export const ownKeyOf = (account: string): AccountKey => ({ account, key: account });

export interface PaymentInstruction {
  readonly destination: string;
  readonly asset: Asset;
  /** In stroops, positive. */
  readonly amount: bigint;
}

/** What one attempt is made of. The same instructions always give the same reference and payload. */
export interface AttemptInstructions {
  /** The address of the channel account, which signs with the key it was born with. */
  readonly channel: string;
  readonly sequence: bigint;
  /** Pays the amounts and the fee. */
  readonly distribution: AccountKey;
  /** 1 to 100, in the order of their operations. */
  readonly payments: readonly PaymentInstruction[];
  readonly memo: Memo | null;
  /** A ledger that closes later than this can never apply the attempt. Whole seconds. */
  readonly maxTime: Date;
  /** The bid in stroops per operation; the fee bump itself counts as one more operation. */
  readonly feeRate: bigint;
}

export type NoOpInstructions = Omit<AttemptInstructions, 'payments' | 'memo'>;

export interface BumpInstructions {
  /** Any earlier envelope of the attempt. */
  readonly payload: string;
  readonly distribution: AccountKey;
  readonly feeRate: bigint;
}

export type SetupOperation =
  | { readonly kind: 'create-sponsored-account'; readonly account: string; readonly sponsor: AccountKey }
  | {
      readonly kind: 'create-account';
      readonly account: string;
      readonly funder: AccountKey;
      readonly startingBalance: bigint;
    }
  /** `limit` 0 removes the trustline. */
  | {
      readonly kind: 'change-trust';
      readonly account: AccountKey;
      readonly asset: Asset;
      readonly limit: bigint;
    }
  /** Ends an account: what it holds goes to `into`, and its reserve back to whoever sponsored it. */
  | { readonly kind: 'merge-account'; readonly account: AccountKey; readonly into: string }
  /** From now on `newKey` alone signs for the account: `account.key` loses its power in the same ledger transaction. */
  | { readonly kind: 'replace-key'; readonly account: AccountKey; readonly newKey: string };

/** A ledger transaction that sets up accounts. At most 19 sponsored accounts: each signs, and 20 may sign. */
export interface SetupInstructions {
  readonly source: AccountKey;
  readonly sequence: bigint;
  readonly feePayer: AccountKey;
  readonly operations: readonly SetupOperation[];
  readonly maxTime: Date;
  readonly feeRate: bigint;
}

/** A signed envelope that has not been sent. */
export interface Prepared {
  /** The hash of the inner ledger transaction: what the ledger will call it, whichever fee bump carries it. */
  readonly reference: string;
  /** What `submit` takes. */
  readonly payload: string;
  readonly envelopeHash: string;
  /** The most that the envelope may cost, in stroops. */
  readonly feeBid: bigint;
}

/**
 * What to do about a refusal. `resend`: the same envelope after the next ledger. `bump`: the same inner ledger
 * transaction with a higher fee. `supersede`: it cannot pass as built. `expire`: its time has passed, wait for the proof.
 * `ours`: our account or key must be mended first.
 */
export type RefusalAdvice = 'resend' | 'bump' | 'supersede' | 'expire' | 'ours';

export type SubmitAnswer =
  /** The node has it in its queue, or had it before. Not evidence that it will be applied. */
  | { readonly kind: 'accepted' }
  /** The node does not take it now. Not evidence that no ledger will apply it. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly operationCodes: readonly string[];
      readonly advice: RefusalAdvice;
      /** What the node asks for in stroops when the bid was too low; null otherwise. */
      readonly feeNeeded: bigint | null;
    }
  /** No answer, or none that can be understood. */
  | { readonly kind: 'silent'; readonly reason: string };

/**
 * What the result of one operation in a failed ledger transaction says about its payment. `success`: it would have
 * worked. `final`: the recipient's side cannot take it. `ours`: the paying account must be mended. `later`: may pass.
 */
export type OperationClass = 'success' | 'final' | 'ours' | 'later';

export interface OperationOutcome {
  readonly code: string;
  readonly class: OperationClass;
  /** The operations before it in the same ledger transaction may be the cause. */
  readonly dependsOnOrder: boolean;
}

/** How an attempt is recognised on the ledger. */
export interface LookupQuery {
  readonly reference: string;
  readonly channel: string;
  readonly sequence: bigint;
  readonly maxTime: Date;
  /** The newest ledger when the attempt was made: it proves that a node tells of the same history. */
  readonly lastSeen: { readonly sequence: number; readonly hash: string };
}

export interface InclusionProof {
  readonly ledger: number;
  readonly closedAt: Date;
  readonly envelopeHash: string;
  readonly innerHash: string;
  readonly sourceAccount: string;
  readonly feeCharged: bigint;
  /** The id of each operation, in order. */
  readonly operationIds: readonly string[];
}

export interface ExpiryProof {
  readonly node: string;
  readonly channelSequence: bigint;
  readonly latestLedger: number;
  readonly latestClosedAt: Date;
}

export type LookupAnswer =
  | { readonly kind: 'applied'; readonly proof: InclusionProof }
  | {
      readonly kind: 'failed';
      readonly proof: InclusionProof;
      readonly code: string;
      /** What the code says where no operation was looked at. */
      readonly class: OperationClass;
      /** One per operation; empty when the ledger transaction failed as a whole. */
      readonly operations: readonly OperationOutcome[];
    }
  | { readonly kind: 'expired'; readonly proof: ExpiryProof }
  | { readonly kind: 'superseded'; readonly proof: InclusionProof }
  /** `contradiction`: its sequence is used, yet nothing that used it can be found. A person must look. */
  | { readonly kind: 'notYet'; readonly contradiction: boolean };

/**
 * Moves money, in an order that the types force: `prepare` (no word to the ledger; the reference is known before a byte is
 * sent), then the caller stores what was prepared, then `submit`, then `lookup` until there is evidence.
 *
 * What is prepared together is signed together: one round trip to the signer for all inner ledger transactions and one for
 * all fee bumps. Each method gives its results in the order of the instructions and throws what the `Signer` throws.
 */
export abstract class LedgerSubmitter {
  abstract prepare(instructions: readonly AttemptInstructions[]): Promise<readonly Prepared[]>;

  /** Other envelopes of the same attempts: the same references, higher fees. */
  abstract prepareBump(instructions: readonly BumpInstructions[]): Promise<readonly Prepared[]>;

  /** Ledger transactions that do nothing but use the sequence numbers, so that the attempts never can. */
  abstract prepareNoOp(instructions: readonly NoOpInstructions[]): Promise<readonly Prepared[]>;

  abstract prepareSetup(instructions: SetupInstructions): Promise<Prepared>;

  /** Never throws for anything that the ledger or the way to it does. */
  abstract submit(payload: string): Promise<SubmitAnswer>;

  /** Never throws for an outage: what cannot be asked is `notYet`. */
  abstract lookup(query: LookupQuery): Promise<LookupAnswer>;

  /** What one ledger transaction proves about an attempt; null when it is about something else. */
  abstract evidence(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null;
}
