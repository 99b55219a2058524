import { genesisOf } from '../../../../stellar-sandbox/src/engine/genesis';
import {
  decodeBase64Envelope,
  type LedgerTransaction,
} from '../../../../stellar-sandbox/src/engine/envelope';
import { Network } from '../../../../stellar-sandbox/src/engine/network';
import { newAccount } from '../../../../stellar-sandbox/src/engine/operations/create-account';
import { partyOf } from '../../../../stellar-sandbox/src/engine/addresses';
import { History } from '../../../../stellar-sandbox/src/history/history';
import { Reader } from '../../../../stellar-sandbox/src/history/reader';
import type { ApiContext } from '../../../../stellar-sandbox/src/http/api';
import { Streams } from '../../../../stellar-sandbox/src/http/stream';
import { Submission } from '../../../../stellar-sandbox/src/submission';

const BALANCER = 'http://balancer';
export const PASSPHRASE = 'Simulated Network ; 2026';

/** A payment in a closed ledger, in a ledger transaction that succeeded. */
export interface PaidOnLedger {
  readonly destination: string;
  /** In stroops. */
  readonly amount: bigint;
  readonly innerHash: string;
  readonly ledger: number;
}

export interface SimulatedNode {
  readonly url: string;
  readonly context: ApiContext;
  readonly reader: Reader;
  down: boolean;
}

/** What the way to the network does to an envelope after it left. */
export type Treatment =
  | { readonly kind: 'as-ever' | 'drop-at-once' | 'drop-with-age' }
  /** The node's queue has it, and no ledger takes it for so long. */
  | { readonly kind: 'hold'; readonly ledgers: number }
  /** It reaches the node only then. */
  | { readonly kind: 'arrive-late'; readonly ledgers: number };

const FOUNDED = genesisOf({
  passphrase: PASSPHRASE,
  salt: 'simulation',
  startedAt: Date.parse('2026-01-01T00:00:00Z') / 1_000,
  baseFee: 100n,
  baseReserve: 5_000_000n,
  capacity: 1_000,
});
/** What is sent now may close two ledgers later, so bounds must reach that far. In seconds. */
const ADMISSION_MARGIN = 10;

/** The sandbox's network without its server: the same core, queue, history and HTTP answers, in this process. */
export class SimulatedNetwork {
  readonly core: Network;
  readonly nodes: readonly SimulatedNode[];
  /** What clients know: the nodes, or one address behind which each request meets any of them. */
  readonly urls: readonly string[];
  readonly paid: PaidOnLedger[] = [];
  private late: { readonly transaction: LedgerTransaction; readonly notBefore: number }[] = [];

  constructor(options: {
    readonly isBalanced: boolean;
    readonly nodes: number;
    readonly balances: ReadonlyMap<string, bigint>;
  }) {
    const state = FOUNDED.state.copy();
    for (const [account, balance] of options.balances)
      state.accounts.set(account, newAccount(account, balance, 1));
    this.core = new Network(PASSPHRASE, state, FOUNDED.header);
    this.nodes = Array.from({ length: options.nodes }, (_, index) =>
      this.newNode(`http://node-${String(index)}`),
    );
    this.urls = options.isBalanced ? [BALANCER] : this.nodes.map(({ url }) => url);
  }

  /** Who answers a request to this address. */
  nodesAt(origin: string): readonly SimulatedNode[] {
    return origin === BALANCER ? this.nodes : this.nodes.filter(({ url }) => url === origin);
  }

  get sequence(): number {
    return this.core.header.sequence;
  }

  decode(payload: string): LedgerTransaction | null {
    return decodeBase64Envelope(payload, this.core.networkId);
  }

  /** An account that exists from now on, or has more than before, outside of any ledger transaction. */
  fund(account: string, balance: bigint): void {
    const known = this.core.state.accounts.get(account);
    const entry = known === undefined ? newAccount(account, balance, this.sequence) : { ...known, balance };
    this.core.state.accounts.set(account, entry);
    for (const { context } of this.nodes) context.history.state.accounts.set(account, entry);
  }

  /** Puts an envelope on its way. What the node answers is asked for separately. */
  treat(transaction: LedgerTransaction, treatment: Treatment): void {
    if (treatment.kind !== 'arrive-late') return;
    this.late.push({ transaction, notBefore: this.sequence + treatment.ledgers });
  }

  /** What became of an envelope that the queue has just taken. */
  spoil(transaction: LedgerTransaction, treatment: Treatment): void {
    const { queue } = this.core;
    const pending = queue.find(transaction.hashHex);
    if (pending === undefined) return;
    if (treatment.kind === 'hold') pending.heldUntil = this.sequence + 1 + treatment.ledgers;
    else if (treatment.kind === 'drop-at-once') queue.remove(transaction);
    else if (treatment.kind === 'drop-with-age') pending.withheld = true;
  }

  /** Whether a ledger to come can still take it: it cannot once its sequence number is used or its time is over. */
  canTake({ inner }: LedgerTransaction): boolean {
    const used = this.core.state.accounts.get(inner.source.account)?.sequence ?? 0n;
    const until = inner.conditions.timeBounds?.maxTime ?? 0n;
    return inner.sequence > used && (until === 0n || until >= BigInt(this.core.header.closeTime));
  }

  closeLedger(seconds: number): void {
    const [first] = this.nodes;
    const due = this.late.filter(({ notBefore }) => notBefore <= this.sequence);
    this.late = this.late.filter((one) => !due.includes(one));
    for (const { transaction } of due) first?.context.submission.offer(transaction);
    const closed = this.core.close(this.core.header.closeTime + seconds);
    for (const { transaction, successful } of closed.transactions) {
      if (successful) this.paid.push(...paymentsOf(transaction, closed.header.sequence));
    }
    for (const { reader } of this.nodes) reader.offer(closed);
  }

  private newNode(url: string): SimulatedNode {
    const history = new History(this.core.networkId, this.core.state.copy(), 1);
    const nothing = { accounts: new Map(), lines: new Map(), data: new Map() };
    history.remember({ header: this.core.header, transactions: [], changes: nothing });
    const reader = new Reader(history);
    const times = (): { now: number; latest: number } => {
      const now = this.core.header.closeTime;
      return { now, latest: now + ADMISSION_MARGIN };
    };
    const submission = new Submission(this.core, reader, { timeoutMs: 1, times });
    const streams = new Streams({ tickMs: 1_000, lifetimeMs: 1_000 });
    const context = {
      node: 1,
      down: false,
      history,
      network: this.core,
      submission,
      friendbot: null,
      streams,
      passphrase: PASSPHRASE,
    };
    return { url, context, reader, down: false };
  }
}

/** The payments that a ledger transaction is made of. */
export function paymentsOf({ inner }: LedgerTransaction, ledger: number): PaidOnLedger[] {
  return inner.operations.flatMap(({ body }) =>
    body.type === 'payment'
      ? [
          {
            destination: partyOf(body.paymentOp.destination).account,
            amount: body.paymentOp.amount,
            innerHash: inner.hashHex,
            ledger,
          },
        ]
      : [],
  );
}
