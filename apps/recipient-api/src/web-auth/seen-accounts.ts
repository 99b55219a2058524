import { type DestinationFacts, factsOf, type LedgerAccount, LedgerReader } from '@libs/ledger';
import { Injectable } from '@nestjs/common';

/** Some hours of wallets at a busy time; each is a few hundred bytes. */
const ACCOUNTS_MAX = 10_000;

/**
 * Looks accounts up when wallets sign in, and remembers what decides whether they can be paid: when the person registers some
 * minutes later, that is known without another call.
 */
@Injectable()
export class SeenAccounts {
  private readonly seen = new Map<string, DestinationFacts>();

  constructor(private readonly ledger: LedgerReader) {}

  /** Null when there is no such account. Throws `LedgerUnreachableError`. */
  async look(address: string): Promise<LedgerAccount | null> {
    const account = await this.ledger.account(address);
    this.seen.delete(address);
    this.seen.set(address, factsOf(address, account));
    const [oldest] = this.seen.keys();
    if (this.seen.size > ACCOUNTS_MAX && oldest !== undefined) this.seen.delete(oldest);
    return account;
  }

  /** What was seen of it last, once. */
  take(address: string): DestinationFacts | null {
    const facts = this.seen.get(address) ?? null;
    this.seen.delete(address);
    return facts;
  }
}
