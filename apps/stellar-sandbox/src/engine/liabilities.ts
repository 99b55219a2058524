/** What standing offers promise to sell and to buy of one balance, in stroops. */
export interface Promised {
  readonly selling: bigint;
  readonly buying: bigint;
}

const NOTHING: Promised = { selling: 0n, buying: 0n };
const KEPT_MAX = 10_000;

/**
 * Balances that are promised to offers. This network has no market, so nobody makes offers: the control API says what is
 * promised, to see what becomes of payments from and to those who trade elsewhere. Not part of any ledger, and not kept.
 */
export class Liabilities {
  private readonly promised = new Map<string, Promised>();

  /** `key`: an account for XLM, else the key of a trustline. */
  of(key: string): Promised {
    return this.promised.get(key) ?? NOTHING;
  }

  /** False when there are too many. */
  set(key: string, promised: Promised): boolean {
    if (promised.selling === 0n && promised.buying === 0n) this.promised.delete(key);
    else if (this.promised.size >= KEPT_MAX && !this.promised.has(key)) return false;
    else this.promised.set(key, promised);
    return true;
  }
}
