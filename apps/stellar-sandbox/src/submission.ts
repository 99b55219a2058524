import { setTimeout as sleep } from 'node:timers/promises';

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

/** What a fault does to an accepted ledger transaction. */
export type Treatment =
  | { readonly kind: 'hold'; readonly ledgers: number }
  | { readonly kind: 'drop'; readonly how: 'at_once' | 'with_age' };

const HUNG_LOOK_MS = 100;
/** Those of envelopes that the network refused are never used, so they are not kept for ever. */
const TREATMENTS_MAX = 10_000;

type Waiter = (record: TransactionRecord) => void;

/** Takes envelopes to the core and waits until they show up in the history that clients read. */
export class Submission {
  private readonly treatments = new Map<string, Treatment>();
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
    const treatment = this.treatments.get(transaction.hashHex);
    this.treatments.delete(transaction.hashHex);
    if (admission.status === 'PENDING' && treatment !== undefined) this.apply(treatment, transaction);
    return admission.status === 'ERROR'
      ? { status: 'ERROR', resultXdr: resultXdr(admission.outcome, transaction) }
      : admission;
  }

  /** As `POST /transactions`: what is known already is told again; otherwise wait for a ledger that has it. */
  async submit(transaction: LedgerTransaction): Promise<Answer> {
    const known = this.reader.history.find(transaction.hashHex);
    if (known !== undefined) return { kind: 'included', record: known };
    const acceptance = await this.offerWhenAwake(transaction);
    if (acceptance.status === 'ERROR') return { kind: 'refused', resultXdr: acceptance.resultXdr };
    // Also after TRY_AGAIN_LATER: somebody may post it again while this request waits.
    const record = await this.waitFor(transaction.hashHex, this.settings.timeoutMs);
    return record === null ? { kind: 'timeout' } : { kind: 'included', record };
  }

  /** As `offer`; while the core hangs, so does its answer. */
  async offerWhenAwake(transaction: LedgerTransaction): Promise<Acceptance> {
    while (this.network.pressure.hung) await sleep(HUNG_LOOK_MS, undefined, { ref: false });
    return this.offer(transaction);
  }

  /** Decides what happens to the ledger transaction with this hash when it is accepted next. */
  treat(hash: string, treatment: Treatment): void {
    if (this.treatments.size >= TREATMENTS_MAX) this.treatments.clear();
    this.treatments.set(hash, treatment);
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

  private apply(treatment: Treatment, transaction: LedgerTransaction): void {
    const { queue } = this.network;
    const pending = queue.find(transaction.hashHex);
    if (pending === undefined) return;
    const next = this.network.header.sequence + 1;
    if (treatment.kind === 'hold') pending.heldUntil = next + treatment.ledgers;
    else if (treatment.how === 'at_once') queue.remove(transaction);
    else pending.withheld = true;
  }

  private wake(hash: string): void {
    const record = this.reader.history.find(hash);
    if (record === undefined) return;
    for (const waiter of [...(this.waiters.get(hash) ?? [])]) waiter(record);
  }
}
