import type { VerificationField } from '@libs/contracts';

export interface GivenVerification {
  readonly tenantId: string;
  /** Normalised, as it is stored with the receiver. */
  readonly contact: string;
  readonly field: VerificationField;
  readonly value: string;
}

/** The keyed hash by which verification values are stored and compared. */
export abstract class VerificationHasher {
  abstract hash(given: GivenVerification): Uint8Array;
}
