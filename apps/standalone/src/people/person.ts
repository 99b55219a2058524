/** One invented person, as a row of an uploaded file describes her. */
export interface Person {
  /** From 1, the same person for the same number in every file. */
  readonly number: number;
  readonly name: string;
  /** `+` and digits; from ranges that are given to nobody. */
  readonly phone: string;
  /** The organisation's own number of this person. */
  readonly id: string;
  /** `YYYY-MM-DD`. */
  readonly dateOfBirth: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly paymentId: string;
}
