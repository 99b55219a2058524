import type { FakeNetwork } from './fake-network';
import type { LedgerAccount } from './ledger-account';
import {
  type FeeStats,
  type FollowOptions,
  type LedgerHeader,
  type LedgerPayment,
  LedgerReader,
  type LedgerTransaction,
  LedgerUnreachableError,
  type NodeState,
  type PageRequest,
  type TransactionPage,
} from './ledger-reader.port';
import { OUTFLOW_LIMIT_MAX, type OutflowPage, type OutflowRequest } from './outflow';

const PAGE_MAX = 200;

/** Reads the fake; its faults make it an unreliable node. */
export class FakeReader extends LedgerReader {
  constructor(private readonly fake: FakeNetwork) {
    super();
  }

  override assertNetwork(): Promise<void> {
    return this.answer(() => undefined);
  }

  override latestLedger(): Promise<LedgerHeader> {
    return this.answer(() => this.newest());
  }

  override nodes(): Promise<readonly NodeState[]> {
    const url = 'fake://ledger';
    return Promise.resolve([
      this.fake.faults.down
        ? { url, latest: null, problem: 'the fake is down' }
        : { url, latest: this.newest(), problem: null },
    ]);
  }

  override ledger(sequence: number): Promise<LedgerHeader | null> {
    return this.answer(() => (sequence > this.newest().sequence ? null : this.fake.header(sequence)));
  }

  override account(
    address: string,
    options: { readonly notBefore?: number } = {},
  ): Promise<LedgerAccount | null> {
    return this.answer(() => {
      if (this.newest().sequence < (options.notBefore ?? 0))
        throw new LedgerUnreachableError('the fake is behind');
      return this.fake.account(address);
    });
  }

  override feeStats(): Promise<FeeStats> {
    return this.answer(() => ({ baseFee: 100n, capacityUsage: 0, chargedP90: 100n, bidP90: 100n }));
  }

  override transaction(hash: string): Promise<LedgerTransaction | null> {
    return this.answer(
      () => this.visible().find((one) => one.innerHash === hash || one.envelopeHash === hash) ?? null,
    );
  }

  override transactionsOf(address: string, page: PageRequest): Promise<TransactionPage> {
    return this.answer(() =>
      this.pageOf(
        this.visible().filter((one) => one.sourceAccount === address || one.feeAccount === address),
        page,
      ),
    );
  }

  override transactions(page: PageRequest): Promise<TransactionPage> {
    return this.answer(() => this.pageOf(this.visible(), page));
  }

  override paymentsOf(): Promise<readonly LedgerPayment[]> {
    return Promise.reject(new LedgerUnreachableError('the fake keeps no payments: ask the sandbox'));
  }

  override outflowsOf(
    address: string,
    { cursor, notBefore, limit = OUTFLOW_LIMIT_MAX }: OutflowRequest,
  ): Promise<OutflowPage> {
    return this.answer(() => {
      const { sequence } = this.newest();
      if (sequence < notBefore) throw new LedgerUnreachableError('the fake is behind');
      const after = this.fake
        .outflows(address)
        .filter(({ id, ledger }) => ledger <= sequence && BigInt(id) > BigInt(cursor));
      const read = new Set([...new Set(after.map(({ innerHash }) => innerHash))].slice(0, limit));
      const outflows = after.filter(({ innerHash }) => read.has(innerHash));
      return { outflows, cursor: outflows.at(-1)?.id ?? cursor, isLast: outflows.length === after.length };
    });
  }

  override async followLedgers(onLedger: (ledger: LedgerHeader) => void, signal: AbortSignal): Promise<void> {
    let told = this.newest().sequence;
    while (!signal.aborted) {
      await new Promise((resolve) => setImmediate(resolve));
      while (!this.fake.faults.down && told < this.newest().sequence) {
        told += 1;
        const header = this.fake.header(told);
        if (header !== null) onLedger(header);
      }
    }
  }

  override async followTransactions(options: FollowOptions, signal: AbortSignal): Promise<void> {
    const { sequence } = this.newest();
    let cursor = options.cursor === 'now' ? BigInt(sequence + 1) << 32n : BigInt(options.cursor);
    while (!signal.aborted) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.fake.faults.down) continue;
      const fresh = this.visible().filter(({ pagingToken }) => BigInt(pagingToken) > cursor);
      for (const one of fresh) {
        cursor = BigInt(one.pagingToken);
        options.onTransaction(one);
      }
    }
  }

  private pageOf(all: readonly LedgerTransaction[], page: PageRequest): TransactionPage {
    const ordered = page.order === 'desc' ? [...all].reverse() : all;
    const cursor = page.cursor ?? (page.order === 'desc' ? '9223372036854775807' : '0');
    const from = cursor === 'now' ? this.newest().sequence : null;
    const after = ordered.filter((one) => {
      if (from !== null) return one.ledger > from;
      const token = BigInt(one.pagingToken);
      return page.order === 'desc' ? token < BigInt(cursor) : token > BigInt(cursor);
    });
    const transactions = after.slice(0, page.limit ?? PAGE_MAX);
    return { transactions, cursor: transactions.at(-1)?.pagingToken ?? cursor };
  }

  private newest(): LedgerHeader {
    return this.fake.latest(this.fake.faults.lagLedgers);
  }

  private visible(): LedgerTransaction[] {
    const newest = this.newest().sequence;
    return this.fake.transactions().filter((one) => one.ledger <= newest);
  }

  private answer<T>(read: () => T): Promise<T> {
    if (this.fake.faults.down) return Promise.reject(new LedgerUnreachableError('the fake is down'));
    return new Promise((resolve) => {
      resolve(read());
    });
  }
}
