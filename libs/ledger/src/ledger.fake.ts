import { createHash } from 'node:crypto';

import { type Asset, isNative, XLM } from '@libs/kernel';

import { FakeFaults, type FaultRates } from './fake-faults';
import type { FakeEnvelope, FakeNetwork, FakeOperation } from './fake-network';
import { FakeReader } from './fake-reader';
import { FakeSubmitter } from './fake-submitter';
import type { BalanceLine, LedgerAccount } from './ledger-account';
import type { LedgerHeader, LedgerTransaction } from './ledger-reader.port';
import type { Outflow } from './outflow';

interface FakeAccount {
  sequence: bigint;
  readonly lines: Map<
    string,
    { readonly asset: Asset; balance: bigint; limit: bigint | null; authorized: boolean }
  >;
}

export interface FakeLedgerOptions {
  /** Decides every fault; the same seed gives the same run. */
  readonly seed?: number;
  readonly faults?: Partial<FaultRates>;
  readonly startedAt?: Date;
}

const BASE_RESERVE = 5_000_000n;
const OPERATION_FEE = 100n;
/** It takes whatever comes; this is more than tests send. */
const MAX_OPERATIONS = 100_000;
const assetKey = (asset: Asset): string => `${asset.code}:${asset.issuer}`;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A ledger in memory with the rules that matter for paying exactly once: sequence numbers, time bounds, one ledger
 * transaction per source and ledger, balances, trustlines. It loses, delays, repeats and reorders as its seed says.
 *
 * Ledgers close only when told to. What it does not model (signatures, reserves) is the sandbox's business.
 */
export class FakeLedger implements FakeNetwork {
  readonly reader: FakeReader;
  readonly submitter: FakeSubmitter;
  readonly faults: FakeFaults;
  private readonly accounts = new Map<string, FakeAccount>();
  private readonly headers: LedgerHeader[] = [];
  private readonly included: LedgerTransaction[] = [];
  private readonly taken = new Map<string, Outflow[]>();
  private readonly queue = new Map<string, { readonly envelope: FakeEnvelope; readonly notBefore: number }>();

  constructor(options: FakeLedgerOptions = {}) {
    this.faults = new FakeFaults(options.seed ?? 1, options.faults ?? {});
    const startedAt = options.startedAt ?? new Date('2026-01-01T00:00:00Z');
    this.headers.push({
      sequence: 1,
      hash: digest('1'),
      previousHash: digest('0'),
      closedAt: startedAt,
      baseReserve: BASE_RESERVE,
      transactionCount: 0,
      maxOperations: MAX_OPERATIONS,
    });
    this.reader = new FakeReader(this);
    this.submitter = new FakeSubmitter(this);
  }

  /** The newest ledger, or with `behind` the one that a lagging reader would still show. */
  latest(behind = 0): LedgerHeader {
    const header = this.headers[Math.max(0, this.headers.length - 1 - behind)];
    if (header === undefined) throw new Error('the fake always has a ledger');
    return header;
  }

  header(sequence: number): LedgerHeader | null {
    return this.headers[sequence - 1] ?? null;
  }

  transactions(): readonly LedgerTransaction[] {
    return this.included;
  }

  outflows(address: string): readonly Outflow[] {
    return this.taken.get(address) ?? [];
  }

  /** Makes or changes an account at once, outside of any ledger transaction. */
  fund(address: string, amount: bigint, asset: Asset = XLM): void {
    const account = this.open(address);
    const line = account.lines.get(assetKey(asset));
    if (line === undefined) {
      const limit = isNative(asset) ? null : 9_223_372_036_854_775_807n;
      account.lines.set(assetKey(asset), { asset, balance: amount, limit, authorized: true });
    } else line.balance += amount;
  }

  account(address: string): LedgerAccount | null {
    const account = this.accounts.get(address);
    if (account === undefined) return null;
    const balances: BalanceLine[] = [...account.lines.values()].map((line) => ({
      ...line,
      buyingLiabilities: 0n,
      sellingLiabilities: 0n,
    }));
    return {
      address,
      sequence: account.sequence,
      latestLedger: this.latest().sequence,
      balances,
      signers: [{ key: address, weight: 1 }],
      thresholds: { low: 0, medium: 0, high: 0 },
      subentries: account.lines.size - 1,
      sponsoring: 0,
      sponsored: 0,
      memoRequired: false,
    };
  }

  /** Takes an envelope into the queue, or says the code with which a node refuses it. */
  admit(envelope: FakeEnvelope): string | null {
    const source = this.accounts.get(envelope.source);
    if (source === undefined) return 'tx_no_source_account';
    if (this.included.some((one) => one.innerHash === envelope.reference)) return 'TRY_AGAIN_LATER';
    if (envelope.maxTime * 1_000 < this.latest().closedAt.getTime()) return 'tx_too_late';
    const waiting = this.queue.get(envelope.source);
    if (waiting?.envelope.envelopeHash === envelope.envelopeHash) return null;
    if (waiting !== undefined && envelope.feeBid < waiting.envelope.feeBid * 10n) return 'TRY_AGAIN_LATER';
    if (envelope.sequence !== source.sequence + 1n) return 'tx_bad_seq';
    if (this.spendableXlm(envelope.feePayer) < envelope.feeBid) return 'tx_insufficient_balance';
    const notBefore = this.latest().sequence + 1 + this.faults.delayInLedgers();
    this.queue.set(envelope.source, { envelope, notBefore });
    return null;
  }

  /** Closes a ledger `seconds` after the last one, with everything in the queue that is due. */
  closeLedger(seconds = 5): LedgerHeader {
    const previous = this.latest();
    const sequence = previous.sequence + 1;
    const closedAt = new Date(previous.closedAt.getTime() + seconds * 1_000);
    const header: LedgerHeader = {
      ...previous,
      sequence,
      hash: digest(`${previous.hash}${sequence}`),
      previousHash: previous.hash,
      closedAt,
    };
    const before = this.included.length;
    const due = [...this.queue].filter(([, { notBefore }]) => notBefore <= sequence);
    for (const [source, { envelope }] of this.faults.reordered(due)) {
      this.queue.delete(source);
      this.apply(envelope, header);
    }
    const closed = { ...header, transactionCount: this.included.length - before };
    this.headers.push(closed);
    return closed;
  }

  private apply(envelope: FakeEnvelope, header: LedgerHeader): void {
    const source = this.accounts.get(envelope.source);
    const tooLate = envelope.maxTime * 1_000 < header.closedAt.getTime();
    if (source === undefined || tooLate || envelope.sequence !== source.sequence + 1n) return;
    source.sequence = envelope.sequence;
    const fee = OPERATION_FEE * BigInt(envelope.operations.length + 1);
    this.move(envelope.feePayer, XLM, -fee);
    const undo: (() => void)[] = [];
    const codes = envelope.operations.map((operation) => this.applyOperation(operation, undo));
    const successful = codes.every((code) => code === 'op_success');
    if (!successful) for (const step of undo.reverse()) step();
    const order = this.included.filter((one) => one.ledger === header.sequence).length + 1;
    const included: LedgerTransaction = {
      innerHash: envelope.reference,
      envelopeHash: envelope.envelopeHash,
      successful,
      ledger: header.sequence,
      closedAt: header.closedAt,
      sourceAccount: envelope.source,
      sourceSequence: envelope.sequence,
      feeAccount: envelope.feePayer,
      feeCharged: fee,
      memo: envelope.memo,
      operationCount: codes.length,
      pagingToken: String((BigInt(header.sequence) << 32n) | (BigInt(order) << 12n)),
      resultCode: successful ? 'tx_success' : 'tx_failed',
      operationCodes: codes,
    };
    this.included.push(included);
    if (successful) this.rememberOutflows(included, envelope.operations);
  }

  private rememberOutflows(transaction: LedgerTransaction, operations: readonly FakeOperation[]): void {
    for (const [position, { kind, source, destination, asset, amount }] of operations.entries()) {
      if (kind !== 'payment' && kind !== 'create-account') continue;
      const id = String(BigInt(transaction.pagingToken) + BigInt(position) + 1n);
      const outflow = { ...transaction, id, position, kind, to: destination, asset, amount };
      this.taken.set(source, [...(this.taken.get(source) ?? []), outflow]);
    }
  }

  private applyOperation(operation: FakeOperation, undo: (() => void)[]): string {
    const { kind, source, destination, asset, amount } = operation;
    switch (kind) {
      case 'no-op':
        return 'op_success';
      case 'create-account':
        if (this.accounts.has(destination)) return 'op_already_exists';
        this.open(destination);
        undo.push(() => this.accounts.delete(destination));
        return this.transfer({ source, destination, asset: XLM, amount }, undo);
      case 'change-trust': {
        const lines = this.open(source).lines;
        if (amount === 0n) lines.delete(assetKey(asset));
        else
          lines.set(assetKey(asset), {
            asset,
            balance: 0n,
            authorized: true,
            ...lines.get(assetKey(asset)),
            limit: amount,
          });
        return 'op_success';
      }
      case 'payment':
        return this.transfer({ source, destination, asset, amount }, undo);
    }
  }

  private transfer(payment: Omit<FakeOperation, 'kind'>, undo: (() => void)[]): string {
    const { source, destination, asset, amount } = payment;
    const to = this.accounts.get(destination);
    if (to === undefined) return 'op_no_destination';
    const into = to.lines.get(assetKey(asset));
    if (destination !== asset.issuer) {
      if (into === undefined) return 'op_no_trust';
      if (!into.authorized) return 'op_not_authorized';
      if (into.limit !== null && into.balance + amount > into.limit) return 'op_line_full';
    }
    if (source !== asset.issuer) {
      const from = this.accounts.get(source)?.lines.get(assetKey(asset));
      if (from === undefined) return 'op_src_no_trust';
      if (from.balance < amount) return 'op_underfunded';
    }
    this.move(source, asset, -amount);
    this.move(destination, asset, amount);
    undo.push(() => {
      this.move(source, asset, amount);
      this.move(destination, asset, -amount);
    });
    return 'op_success';
  }

  private move(address: string, asset: Asset, amount: bigint): void {
    const line = this.accounts.get(address)?.lines.get(assetKey(asset));
    if (line !== undefined) line.balance += amount;
  }

  private spendableXlm(address: string): bigint {
    return this.accounts.get(address)?.lines.get(assetKey(XLM))?.balance ?? 0n;
  }

  private open(address: string): FakeAccount {
    const existing = this.accounts.get(address);
    if (existing !== undefined) return existing;
    const account: FakeAccount = { sequence: BigInt(this.latest().sequence) << 32n, lines: new Map() };
    account.lines.set(assetKey(XLM), { asset: XLM, balance: 0n, limit: null, authorized: true });
    this.accounts.set(address, account);
    return account;
  }
}
