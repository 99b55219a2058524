import { createHash } from 'node:crypto';

import { parseAmount } from '@libs/kernel';
import {
  Account,
  FeeBumpTransaction,
  Keypair,
  Operation,
  type Transaction,
  TransactionBuilder,
} from '@stellar/stellar-sdk';
import { z } from 'zod';

import { Child } from './child-process';
import { cpuMsOf } from './cpu-time';

export const PASSPHRASE = 'Distributary Benchmark Network ; 2026';

/** How the network behaves while something is measured. */
export interface LedgerPace {
  readonly closeMs: number;
  /** Operations that fit into one ledger; a fee bump counts as one more. */
  readonly capacity: number;
}

/** While a benchmark sets up: ledgers close fast and hold as much as is asked of them. */
export const UNLIMITED: LedgerPace = { closeMs: 100, capacity: 100_000 };
/** As the public network closes them. */
export const PUBLIC: LedgerPace = { closeMs: 5_000, capacity: 1_000 };
/** The same room five times as often, so that a quick run takes seconds. */
export const QUICK: LedgerPace = { closeMs: 1_000, capacity: 1_000 };

/** A payment as a closed ledger shows it. */
export interface LedgerPayment {
  readonly to: string;
  readonly amount: bigint;
}

const SANDBOX = 'apps/stellar-sandbox/src/main.js';
/** How soon a stream tells of a closed ledger. */
const STREAM_TICK_MS = 50;
const CREATORS = 50;
const CREATIONS_PER_ENVELOPE = 100;
const CREATOR_BALANCE = '1000000000';
const STARTING_BALANCE = '1';
const PAGE = 200;
const SUBMIT_TRIES = 5;
const LEDGER_SHIFT = 32n;

const accountShape = z.object({
  sequence: z.string(),
  balances: z.array(z.object({ asset_type: z.string(), balance: z.string() })),
});
const rootShape = z.object({ history_latest_ledger: z.number() });
const requestsShape = z.object({ requests: z.record(z.string(), z.number()) });
const pageOf = <T extends z.ZodType>(record: T): z.ZodType<{ _embedded: { records: z.output<T>[] } }> =>
  z.object({ _embedded: z.object({ records: z.array(record) }) });
const paymentsShape = pageOf(
  z.object({
    paging_token: z.string(),
    type: z.string(),
    from: z.string().optional(),
    to: z.string().optional(),
    amount: z.string().optional(),
  }),
);
const transactionsShape = pageOf(
  z.object({
    paging_token: z.string(),
    fee_account: z.string(),
    fee_charged: z.union([z.string(), z.number()]),
    successful: z.boolean(),
  }),
);
const ledgersShape = pageOf(
  z.object({ sequence: z.number(), operation_count: z.number(), closed_at: z.string() }),
);

/** The sandbox network as a process of its own. */
export class SandboxNetwork {
  private creators: readonly Keypair[] = [];

  private constructor(
    private readonly process: Child,
    readonly url: string,
  ) {}

  static async start(profileFolder: string | null): Promise<SandboxNetwork> {
    const child = Child.spawn({
      name: 'stellar-sandbox',
      script: SANDBOX,
      profileFolder,
      environment: {
        SANDBOX_PORT: '0',
        SANDBOX_PASSPHRASE: PASSPHRASE,
        SANDBOX_CLOSE_MS: String(UNLIMITED.closeMs),
        SANDBOX_LEDGER_CAPACITY: String(UNLIMITED.capacity),
        SANDBOX_STREAM_TICK_MS: String(STREAM_TICK_MS),
      },
    });
    const port = await child.said((line) => (typeof line['port'] === 'number' ? line['port'] : undefined));
    return new SandboxNetwork(child, `http://127.0.0.1:${String(port)}`);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  cpuMs(): number {
    return cpuMsOf(this.process.pid);
  }

  async setPace({ closeMs, capacity }: LedgerPace): Promise<void> {
    await this.control('POST', 'core', { capacity });
    await this.control('POST', 'clock', { closeMs });
  }

  async forgetRequests(): Promise<void> {
    await this.control('DELETE', 'requests');
  }

  /** How often what was asked since they were forgotten, by method and route. */
  async requests(): Promise<Readonly<Record<string, number>>> {
    return requestsShape.parse(await this.control('GET', 'requests')).requests;
  }

  async latestLedger(): Promise<number> {
    return rootShape.parse(await this.get('/')).history_latest_ledger;
  }

  /** In stroops. */
  async balanceOf(address: string): Promise<bigint> {
    const { balances } = accountShape.parse(await this.get(`/accounts/${address}`));
    return stroops(balances.find((one) => one.asset_type === 'native')?.balance ?? '');
  }

  /** Accounts with one XLM, or with what is given. */
  async createAccounts(addresses: readonly string[], startingBalance = STARTING_BALANCE): Promise<void> {
    await this.ensureCreators();
    const batches: (readonly string[])[] = [];
    for (let from = 0; from < addresses.length; from += CREATIONS_PER_ENVELOPE) {
      batches.push(addresses.slice(from, from + CREATIONS_PER_ENVELOPE));
    }
    const work = this.creators.map(async (creator) => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        await this.create(creator, batch, startingBalance);
      }
    });
    await Promise.all(work);
  }

  /** What the account paid to others in ledgers after this one, and the fees that it was charged, in stroops. */
  async paidBy(
    address: string,
    afterLedger: number,
  ): Promise<{
    readonly payments: readonly LedgerPayment[];
    readonly fees: bigint;
    readonly failed: number;
  }> {
    const payments = await this.pages(address, 'payments', afterLedger, paymentsShape);
    const transactions = await this.pages(address, 'transactions', afterLedger, transactionsShape);
    return {
      payments: payments.flatMap(({ type, from, to, amount }) =>
        type === 'payment' && from === address ? [{ to: to ?? '', amount: stroops(amount ?? '') }] : [],
      ),
      fees: transactions
        .filter((one) => one.fee_account === address)
        .reduce((sum, one) => sum + BigInt(one.fee_charged), 0n),
      failed: transactions.filter((one) => !one.successful).length,
    };
  }

  /** How many operations each ledger after this one has, in order. */
  async operationsSince(
    afterLedger: number,
  ): Promise<readonly { readonly sequence: number; readonly operations: number }[]> {
    const found: { sequence: number; operations: number }[] = [];
    for (let cursor = BigInt(afterLedger) << LEDGER_SHIFT; ;) {
      const page = ledgersShape.parse(
        await this.get(`/ledgers?order=asc&limit=${String(PAGE)}&cursor=${String(cursor)}`),
      );
      const { records } = page._embedded;
      found.push(...records.map((one) => ({ sequence: one.sequence, operations: one.operation_count })));
      if (records.length < PAGE) return found;
      cursor = BigInt(records.at(-1)?.sequence ?? 0) << LEDGER_SHIFT;
    }
  }

  private async pages<T extends { readonly paging_token: string }>(
    address: string,
    list: 'payments' | 'transactions',
    afterLedger: number,
    shape: z.ZodType<{ _embedded: { records: T[] } }>,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    for (let cursor = String((BigInt(afterLedger + 1) << LEDGER_SHIFT) - 1n); ;) {
      const query = `order=asc&limit=${String(PAGE)}&cursor=${cursor}&include_failed=${String(list === 'transactions')}`;
      const page = shape.parse(await this.get(`/accounts/${address}/${list}?${query}`));
      const { records } = page._embedded;
      found.push(...records);
      if (records.length < PAGE) return found;
      cursor = records.at(-1)?.paging_token ?? cursor;
    }
  }

  private async ensureCreators(): Promise<void> {
    if (this.creators.length > 0) return;
    // As on every new network, the passphrase gives the key of the account that holds everything.
    const root = Keypair.fromRawEd25519Seed(createHash('sha256').update(PASSPHRASE).digest());
    const creators = Array.from({ length: CREATORS }, () => Keypair.random());
    await this.create(
      root,
      creators.map((one) => one.publicKey()),
      CREATOR_BALANCE,
    );
    this.creators = creators;
  }

  private async create(
    source: Keypair,
    addresses: readonly string[],
    startingBalance: string,
  ): Promise<void> {
    const { sequence } = accountShape.parse(await this.get(`/accounts/${source.publicKey()}`));
    const builder = new TransactionBuilder(new Account(source.publicKey(), sequence), {
      fee: '100',
      networkPassphrase: PASSPHRASE,
    }).setTimeout(0);
    for (const destination of addresses)
      builder.addOperation(Operation.createAccount({ destination, startingBalance }));
    const transaction = builder.build();
    transaction.sign(source);
    await this.submit(transaction);
  }

  private async submit(transaction: Transaction | FeeBumpTransaction): Promise<void> {
    const body = new URLSearchParams({ tx: transaction.toXdr() });
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${this.url}/transactions`, { method: 'POST', body });
      if (answer.ok) return;
      const text = await answer.text();
      // The same envelope again: it is in a ledger, or it will be.
      if (tries >= SUBMIT_TRIES || answer.status !== 504)
        throw new Error(`the network refused a set-up: ${text.slice(0, 500)}`);
    }
  }

  private async get(pathAndQuery: string): Promise<unknown> {
    const answer = await fetch(`${this.url}${pathAndQuery}`);
    if (!answer.ok) throw new Error(`GET ${pathAndQuery} got ${String(answer.status)}`);
    return await answer.json();
  }

  private async control(method: string, what: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.url}/sandbox/${what}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`the sandbox refused ${what}: ${await answer.text()}`);
    return await answer.json();
  }
}

function stroops(text: string): bigint {
  const amount = parseAmount(text);
  if (amount.ok) return amount.value;
  // parseAmount refuses what nobody pays, zero too; a balance may be that.
  if (/^0(\.0+)?$/.test(text)) return 0n;
  throw new Error(`not an amount: ${text}`);
}
