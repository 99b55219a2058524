import type { LedgerTransaction } from './engine/envelope';
import type { CloseTimes, Network } from './engine/network';
import { resultXdr } from './engine/results';
import type { TransactionRecord } from './history/history';
import type { Reader } from './history/reader';

export type Acceptance =
  | { readonly status: 'PENDING' | 'DUPLICATE' | 'TRY_AGAIN_LATER' }
  | { readonly status: 'ERROR'; readonly resultXdr: string };

export type Answer =
  | { readonly kind: 'included'; readonly record: TransactionRecord }
  | { readonly kind: 'refused'; readonly resultXdr: string }
  | { readonly kind: 'timeout' };

type Waiter = (record: TransactionRecord) => void;

/** Takes envelopes to the core and waits until they show up in the history that clients read. */
export class Submission {
  private readonly waiters = new Map<string, Set<Waiter>>();

  constructor(
    private readonly network: Network,
    private readonly reader: Reader,
    private readonly settings: { readonly timeoutMs: number; readonly times: () => CloseTimes },
  ) {
    reader.onLedger(({ transactions }) => {
      for (const { transaction } of transactions) {
        this.wake(transaction.hashHex);
        if (transaction.bump !== null) this.wake(transaction.inner.hashHex);
      }
    });
  }

  /** What the core says at once. */
  offer(transaction: LedgerTransaction): Acceptance {
    const admission = this.network.submit(transaction, this.settings.times());
    return admission.status === 'ERROR'
      ? { status: 'ERROR', resultXdr: resultXdr(admission.outcome, transaction) }
      : admission;
  }

  /** As `POST /transactions`: what is known already is told again; otherwise wait for a ledger that has it. */
  async submit(transaction: LedgerTransaction): Promise<Answer> {
    const known = this.reader.history.find(transaction.hashHex);
    if (known !== undefined) return { kind: 'included', record: known };
    const acceptance = this.offer(transaction);
    if (acceptance.status === 'ERROR') return { kind: 'refused', resultXdr: acceptance.resultXdr };
    // Also after TRY_AGAIN_LATER: somebody may post it again while this request waits.
    const record = await this.waitFor(transaction.hashHex, this.settings.timeoutMs);
    return record === null ? { kind: 'timeout' } : { kind: 'included', record };
  }

  async waitFor(hash: string, timeoutMs: number): Promise<TransactionRecord | null> {
    return new Promise((resolve) => {
      const waiters = this.waiters.get(hash) ?? new Set<Waiter>();
      this.waiters.set(hash, waiters);
      const done = (record: TransactionRecord | null): void => {
        clearTimeout(timer);
        waiters.delete(done);
        if (waiters.size === 0) this.waiters.delete(hash);
        resolve(record);
      };
      const timer = setTimeout(done, timeoutMs, null);
      timer.unref();
      waiters.add(done);
    });
  }

  private wake(hash: string): void {
    const record = this.reader.history.find(hash);
    if (record === undefined) return;
    for (const waiter of [...(this.waiters.get(hash) ?? [])]) waiter(record);
  }
}
