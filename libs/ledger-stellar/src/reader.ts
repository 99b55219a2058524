import {
  type Deadline,
  type FeeStats,
  type FollowOptions,
  type LedgerAccount,
  type LedgerHeader,
  type LedgerPayment,
  LedgerReader,
  type LedgerTransaction,
  LedgerUnreachableError,
  type NodeState,
  type OutflowPage,
  type OutflowRequest,
  type PageRequest,
  type TransactionPage,
  WrongNetworkError,
} from '@libs/ledger';
import type { z } from 'zod';

import { type CallLimits, type HorizonAnswer, HorizonNode } from './horizon-node';
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
import { HorizonStream } from './horizon-streams';
import { outflowsAt } from './horizon-outflows';
import { toTransactions } from './horizon-transactions';
import { HttpClient, type HttpTransport } from './http-client';

export {
  type BudgetState,
  type EndedCall,
  PacedTransport,
  type PacedTransportOptions,
} from './paced-transport';
export { HttpClient } from './http-client';

export interface StellarReaderOptions {
  /** One or more Horizon servers. The next one is asked when one does not answer. */
  readonly horizonUrls: readonly string[];
  readonly networkPassphrase: string;
  /** How servers are reached; over the network when it is left out. */
  readonly http?: HttpTransport;
}

const PAGE_MAX = 200;
/** Whoever asks all servers does not wait long for one that is busy. */
const STATE_PATIENCE_MS = 1_000;
/** With less time than this nobody is asked. */
const CALL_MIN_MS = 2;
/** A server that is this far behind the newest one is asked only when no other answers. */
const LAGGING_LEDGERS = 3;

/** Reads the ledger through Horizon. */
export class StellarReader extends LedgerReader {
  private readonly http: HttpTransport;
  private readonly servers: readonly HorizonNode[];
  /** The server that answered last is asked first. */
  private preferred = 0;
  private readonly streams = new Set<HorizonStream>();
  private lagging: ReadonlySet<string> = new Set();

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
    const states = await Promise.all(
      this.servers.map(async (node): Promise<NodeState> => {
        try {
          const answer = await node.get('/ledgers?order=desc&limit=1', ledgerPageShape, {
            patienceMs: STATE_PATIENCE_MS,
          });
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
    this.avoidLagging(states);
    return states;
  }

  override async ledger(sequence: number): Promise<LedgerHeader | null> {
    return (await this.ask(`/ledgers/${String(sequence)}`, ledgerShape))?.value ?? null;
  }

  override async account(
    address: string,
    { notBefore = 0, withinMs }: { readonly notBefore?: number } & Deadline = {},
  ): Promise<LedgerAccount | null> {
    const limits = limitsUntil(withinMs);
    const path = `/accounts/${encodeURIComponent(address)}`;
    let problem = 'no Horizon server';
    for (const node of this.inOrder()) {
      try {
        const answer = await node.get(path, accountShape, limits());
        const latestLedger = answer?.latestLedger ?? (await newestOf(node, limits()));
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

  override async feeStats({ withinMs }: Deadline = {}): Promise<FeeStats> {
    const answer = await this.ask('/fee_stats', feeStatsShape, limitsUntil(withinMs));
    if (answer === null) throw new LedgerUnreachableError('the Horizon server has no /fee_stats');
    return answer.value;
  }

  override async transaction(hash: string): Promise<LedgerTransaction | null> {
    const answer = await this.ask(`/transactions/${encodeURIComponent(hash)}`, transactionShape);
    return answer === null ? null : (toTransactions([answer.value])[0] ?? null);
  }

  override async transactionsOf(address: string, page: PageRequest): Promise<TransactionPage> {
    return await this.transactionPage(`/accounts/${encodeURIComponent(address)}/transactions`, page);
  }

  override async transactions(page: PageRequest): Promise<TransactionPage> {
    return await this.transactionPage('/transactions', page);
  }

  private async transactionPage(path: string, page: PageRequest): Promise<TransactionPage> {
    const answer = await this.ask(`${path}?${queryOf(page)}&include_failed=true`, transactionPageShape);
    const transactions = toTransactions(answer?.value ?? []);
    return { transactions, cursor: transactions.at(-1)?.pagingToken ?? page.cursor ?? '' };
  }

  override async paymentsOf(address: string, page: PageRequest): Promise<readonly LedgerPayment[]> {
    const path = `/accounts/${encodeURIComponent(address)}/payments?${queryOf(page)}`;
    return (await this.ask(path, paymentPageShape))?.value ?? [];
  }

  override async outflowsOf(address: string, page: OutflowRequest): Promise<OutflowPage> {
    let problem = 'no Horizon server';
    for (const node of this.inOrder()) {
      try {
        const outflows = await outflowsAt(node, address, page);
        if (outflows !== null) return outflows;
        problem = `${node.url} has not ingested ledger ${String(page.notBefore)} yet`;
      } catch (cause) {
        problem = messageOf(cause);
      }
    }
    throw new LedgerUnreachableError(problem);
  }

  override async followLedgers(onLedger: (ledger: LedgerHeader) => void, signal: AbortSignal): Promise<void> {
    let told = 0;
    await this.follow({ path: '/ledgers', cursor: 'now' }, signal, (data) => {
      const ledger = ledgerShape.safeParse(data);
      if (!ledger.success || ledger.data.sequence <= told) return;
      told = ledger.data.sequence;
      onLedger(ledger.data);
    });
  }

  override async followTransactions(options: FollowOptions, signal: AbortSignal): Promise<void> {
    const { cursor, onTransaction } = options;
    await this.follow({ path: '/transactions?include_failed=true', cursor }, signal, (data) => {
      const record = transactionShape.parse(data);
      for (const one of toTransactions([record])) onTransaction(one);
    });
  }

  close(): void {
    this.http.close();
  }

  /** The server that answered last, then the others; then who has fallen behind, then who is to be left alone. */
  private inOrder(): HorizonNode[] {
    const turned = [...this.servers.slice(this.preferred), ...this.servers.slice(0, this.preferred)];
    const rank = ({ url, restMs }: HorizonNode): number => (restMs > 0 ? 2 : this.lagging.has(url) ? 1 : 0);
    return turned
      .map((node) => ({ node, rank: rank(node) }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ node }) => node);
  }

  /** A stream of a server that ingests nothing stays open and silent, so it is made to go elsewhere. */
  private avoidLagging(states: readonly NodeState[]): void {
    const newest = Math.max(0, ...states.map(({ latest }) => latest?.sequence ?? 0));
    this.lagging = new Set(
      states
        .filter(({ latest }) => newest - (latest?.sequence ?? 0) >= LAGGING_LEDGERS)
        .map(({ url }) => url),
    );
    for (const stream of this.streams) if (this.lagging.has(stream.server)) stream.reconnect();
  }

  private async follow(
    { path, cursor }: { readonly path: string; readonly cursor: string },
    signal: AbortSignal,
    onData: (data: unknown) => void,
  ): Promise<void> {
    const stream = new HorizonStream({
      http: this.http,
      url: () => this.inOrder()[0]?.url ?? '',
      path,
      cursor,
      onEvent: ({ data }) => {
        onData(JSON.parse(data));
      },
      onFailure: () => {
        this.preferred = (this.preferred + 1) % this.servers.length;
      },
    });
    this.streams.add(stream);
    await stream.run(signal).finally(() => this.streams.delete(stream));
  }

  private async ask<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    limits = limitsUntil(undefined),
  ): Promise<HorizonAnswer<z.output<Shape>> | null> {
    let problem = 'no Horizon server';
    for (const node of this.inOrder()) {
      try {
        const answer = await node.get(path, shape, limits());
        this.preferred = this.servers.indexOf(node);
        return answer;
      } catch (cause) {
        problem = messageOf(cause);
      }
    }
    throw new LedgerUnreachableError(problem);
  }
}

async function newestOf(node: HorizonNode, limits: CallLimits = {}): Promise<number> {
  return (await node.get('/', rootShape, limits))?.value.history_latest_ledger ?? 0;
}

function queryOf({ cursor, order = 'asc', limit = PAGE_MAX }: PageRequest): string {
  const from = cursor === undefined || cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return `order=${order}&limit=${String(Math.min(limit, PAGE_MAX))}${from}`;
}

/**
 * What is left for the next of several calls that together may take so long. Half of it is for waiting for its turn, so that
 * both together keep the limit.
 */
function limitsUntil(withinMs: number | undefined): () => CallLimits {
  if (withinMs === undefined) return () => ({});
  const until = performance.now() + withinMs;
  return () => {
    const left = until - performance.now();
    if (left < CALL_MIN_MS) throw new LedgerUnreachableError('no Horizon server has answered in time');
    return { patienceMs: left / 2, timeoutMs: Math.ceil(left / 2) };
  };
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const reasons = (answers: readonly PromiseSettledResult<unknown>[]): string =>
  answers.map((answer) => (answer.status === 'rejected' ? messageOf(answer.reason) : 'not found')).join('; ');
