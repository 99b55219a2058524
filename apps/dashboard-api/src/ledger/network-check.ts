import { type LedgerReader, WrongNetworkError } from '@libs/ledger';

/** A check that succeeded is not repeated for this long. */
const TRUST_MS = 10_000;

/** Whether the ledger is there and is the network that the settings name. */
export class NetworkCheck {
  private goodAt = Number.NEGATIVE_INFINITY;
  private problem = 'the ledger was not asked yet';

  constructor(private readonly ledger: LedgerReader) {}

  /** Throws `WrongNetworkError`: nothing may run against another network. An unreachable ledger is remembered. */
  async look(): Promise<void> {
    try {
      await this.ledger.assertNetwork();
      this.goodAt = performance.now();
    } catch (error) {
      if (error instanceof WrongNetworkError) throw error;
      this.goodAt = Number.NEGATIVE_INFINITY;
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Why the ledger cannot be used now; none when it can. */
  async reasons(): Promise<readonly string[]> {
    if (performance.now() - this.goodAt < TRUST_MS) return [];
    try {
      await this.look();
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
    return this.goodAt === Number.NEGATIVE_INFINITY ? [this.problem] : [];
  }
}
