import {
  type FeeStats,
  type LedgerAccount,
  type LedgerHeader,
  type LedgerPayment,
  LedgerReader,
  type LedgerTransaction,
  LedgerUnreachableError,
  type NodeState,
  type PageRequest,
  type TransactionPage,
  WrongNetworkError,
} from '@libs/ledger';
import type { z } from 'zod';

import { readEvents } from './event-stream';
import { type HorizonAnswer, HorizonNode } from './horizon-node';
import {
  accountShape,
  feeStatsShape,
  ledgerPageShape,
  ledgerShape,
  paymentPageShape,
  rootShape,
  transactionPageShape,
  transactionShape,
} from './horizon-records';
import { toTransactions } from './horizon-transactions';
import { HttpClient, type HttpTransport } from './http-client';

export interface StellarReaderOptions {
  /** One or more Horizon servers. The next one is asked when one does not answer. */
  readonly horizonUrls: readonly string[];
  readonly networkPassphrase: string;
  /** How servers are reached; over the network when it is left out. */
  readonly http?: HttpTransport;
}

const STREAM_RECONNECT_MS = 10;
const STREAM_RETRY_MS = 1_000;
const PAGE_MAX = 200;

/** Reads the ledger through Horizon. */
export class StellarReader extends LedgerReader {
  private readonly http: HttpTransport;
  private readonly servers: readonly HorizonNode[];
  /** The server that answered last is asked first. */
  private preferred = 0;

  constructor(private readonly options: StellarReaderOptions) {
    super();
    this.http = options.http ?? new HttpClient();
    this.servers = options.horizonUrls.map((url) => new HorizonNode(url.replace(/\/+$/, ''), this.http));
    if (this.servers.length === 0) throw new Error('a reader needs at least one Horizon server');
  }

  override async assertNetwork(): Promise<void> {
    const answers = await Promise.allSettled(this.servers.map((node) => node.get('/', rootShape)));
    let answered = 0;
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected' || answer.value === null) continue;
      answered += 1;
      const theirs = answer.value.value.network_passphrase;
      if (theirs !== this.options.networkPassphrase) {
        throw new WrongNetworkError(
          `${this.servers[index]?.url ?? ''} is on the network "${theirs}", but NETWORK_PASSPHRASE says "${this.options.networkPassphrase}"`,
        );
      }
    }
    if (answered === 0) throw new LedgerUnreachableError(`no Horizon server answers: ${reasons(answers)}`);
  }

  override async latestLedger(): Promise<LedgerHeader> {
    const states = await this.nodes();
    const newest = states
      .flatMap(({ latest }) => (latest === null ? [] : [latest]))
      .reduce<LedgerHeader | null>(
        (best, one) => (best !== null && best.sequence >= one.sequence ? best : one),
        null,
      );
    if (newest === null) throw new LedgerUnreachableError(states.map(({ problem }) => problem).join('; '));
    return newest;
  }

  override async nodes(): Promise<readonly NodeState[]> {
    return await Promise.all(
      this.servers.map(async (node) => {
        try {
          const answer = await node.get('/ledgers?order=desc&limit=1', ledgerPageShape);
          const latest = answer?.value[0] ?? null;
          return { url: node.url, latest, problem: latest === null ? `${node.url} has no ledgers` : null };
        } catch (cause) {
          return {
            url: node.url,
            latest: null,
            problem: cause instanceof Error ? cause.message : String(cause),
          };
        }
      }),
    );
  }

  override async ledger(sequence: number): Promise<LedgerHeader | null> {
    return (await this.ask(`/ledgers/${String(sequence)}`, ledgerShape))?.value ?? null;
  }

  override async account(
    address: string,
    { notBefore = 0 }: { readonly notBefore?: number } = {},
  ): Promise<LedgerAccount | null> {
    const path = `/accounts/${encodeURIComponent(address)}`;
    let problem = 'no Horizon server';
    for (const node of this.inOrder()) {
      try {
        const answer = await node.get(path, accountShape);
        const latestLedger = answer?.latestLedger ?? (await newestOf(node));
        if (latestLedger < notBefore) {
          problem = `${node.url} has not ingested ledger ${String(notBefore)} yet`;
          continue;
        }
        this.preferred = this.servers.indexOf(node);
        return answer === null ? null : { ...answer.value, latestLedger };
      } catch (cause) {
        problem = messageOf(cause);
      }
    }
    throw new LedgerUnreachableError(problem);
  }

  override async feeStats(): Promise<FeeStats> {
    const answer = await this.ask('/fee_stats', feeStatsShape);
    if (answer === null) throw new LedgerUnreachableError('the Horizon server has no /fee_stats');
    return answer.value;
  }

  override async transaction(hash: string): Promise<LedgerTransaction | null> {
    const answer = await this.ask(`/transactions/${encodeURIComponent(hash)}`, transactionShape);
    return answer === null ? null : (toTransactions([answer.value])[0] ?? null);
  }

  override async transactionsOf(address: string, page: PageRequest): Promise<TransactionPage> {
    const query = `${queryOf(page)}&include_failed=true`;
    const answer = await this.ask(
      `/accounts/${encodeURIComponent(address)}/transactions?${query}`,
      transactionPageShape,
    );
    const transactions = toTransactions(answer?.value ?? []);
    return { transactions, cursor: transactions.at(-1)?.pagingToken ?? page.cursor ?? '' };
  }

  override async paymentsOf(address: string, page: PageRequest): Promise<readonly LedgerPayment[]> {
    const path = `/accounts/${encodeURIComponent(address)}/payments?${queryOf(page)}`;
    return (await this.ask(path, paymentPageShape))?.value ?? [];
  }

  override async followLedgers(onLedger: (ledger: LedgerHeader) => void, signal: AbortSignal): Promise<void> {
    let cursor = 'now';
    while (!signal.aborted) {
      try {
        const [node = this.servers[0]] = this.inOrder();
        const response = await this.http.stream(`${node?.url ?? ''}/ledgers?cursor=${cursor}`, signal);
        if (response.statusCode !== 200) {
          response.resume();
          throw new LedgerUnreachableError(`the stream of ledgers answered ${String(response.statusCode)}`);
        }
        for await (const event of readEvents(response)) {
          if (event.id === '') continue;
          cursor = event.id;
          const ledger = ledgerShape.safeParse(JSON.parse(event.data));
          if (ledger.success) onLedger(ledger.data);
        }
        // A stream ends by itself every 55 s or after ten events; the cursor says where to go on.
        await pause(STREAM_RECONNECT_MS, signal);
      } catch {
        this.preferred = (this.preferred + 1) % this.servers.length;
        await pause(STREAM_RETRY_MS, signal);
      }
    }
  }

  close(): void {
    this.http.close();
  }

  private inOrder(): HorizonNode[] {
    return [...this.servers.slice(this.preferred), ...this.servers.slice(0, this.preferred)];
  }

  private async ask<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
  ): Promise<HorizonAnswer<z.output<Shape>> | null> {
    let problem = 'no Horizon server';
    for (const node of this.inOrder()) {
      try {
        const answer = await node.get(path, shape);
        this.preferred = this.servers.indexOf(node);
        return answer;
      } catch (cause) {
        problem = messageOf(cause);
      }
    }
    throw new LedgerUnreachableError(problem);
  }
}

async function newestOf(node: HorizonNode): Promise<number> {
  return (await node.get('/', rootShape))?.value.history_latest_ledger ?? 0;
}

function queryOf({ cursor, order = 'asc', limit = PAGE_MAX }: PageRequest): string {
  const from = cursor === undefined || cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return `order=${order}&limit=${String(Math.min(limit, PAGE_MAX))}${from}`;
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const reasons = (answers: readonly PromiseSettledResult<unknown>[]): string =>
  answers.map((answer) => (answer.status === 'rejected' ? messageOf(answer.reason) : 'not found')).join('; ');

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
