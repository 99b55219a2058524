/** Some payments of a file, and their sum in stroops as a decimal text: JSON has no integer of that size. */
export interface CountedPayments {
  readonly payments: number;
  readonly amount: string;
}

/** How a file differs from the one that it replaced, person by person. */
export interface FileDifferences {
  readonly previousFileName: string;
  readonly previous: CountedPayments;
  /** Who is only in the new file. */
  readonly added: CountedPayments;
  /** Who was only in the old one. */
  readonly removed: CountedPayments;
  /** Who is in both with another amount; `amount` is what they get now. */
  readonly changed: CountedPayments & { readonly amountBefore: string };
}
