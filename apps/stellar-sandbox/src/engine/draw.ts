import type { LedgerTransaction } from './envelope';

/**
 * An order that nobody can choose and that is another one in each ledger, by the hash of the ledger before (hex). Real
 * nodes draw it by a random number; here the same history gives the same ledgers.
 */
export function drawn(transactions: readonly LedgerTransaction[], previousHash: string): LedgerTransaction[] {
  const mask = Buffer.from(previousHash, 'hex');
  const keyed = transactions.map((transaction) => ({
    transaction,
    key: transaction.hash.map((byte, index) => byte ^ (mask[index] ?? 0)),
  }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ transaction }) => transaction);
}
