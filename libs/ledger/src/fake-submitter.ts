import { createHash } from 'node:crypto';

import { XLM } from '@libs/kernel';

import { inclusionOf } from './evidence';
import type { FakeEnvelope, FakeNetwork, FakeOperation } from './fake-network';
import type { LedgerTransaction } from './ledger-reader.port';
import {
  type AttemptInstructions,
  type BumpInstructions,
  LedgerSubmitter,
  type LookupAnswer,
  type LookupQuery,
  type NoOpInstructions,
  type OperationClass,
  type OperationOutcome,
  type Prepared,
  type RefusalAdvice,
  type SetupInstructions,
  type SetupOperation,
  type SubmitAnswer,
} from './ledger-submitter.port';

const ADVICE: Readonly<Record<string, RefusalAdvice>> = {
  TRY_AGAIN_LATER: 'resend',
  tx_bad_seq: 'resend',
  tx_no_source_account: 'resend',
  tx_insufficient_fee: 'bump',
  tx_too_late: 'expire',
  tx_insufficient_balance: 'ours',
};
const CLASSES: Readonly<Record<string, OperationClass>> = {
  op_success: 'success',
  op_no_destination: 'final',
  op_no_trust: 'final',
  op_not_authorized: 'final',
  op_line_full: 'final',
  op_underfunded: 'ours',
  op_src_no_trust: 'ours',
};

const write = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
const digest = (value: unknown): string => createHash('sha256').update(write(value)).digest('hex');
// Only this file writes payloads, and it writes FakeEnvelopes.
const read = (payload: string): FakeEnvelope =>
  JSON.parse(payload, (_, one: unknown) =>
    typeof one === 'string' && /^[0-9]+n$/.test(one) ? BigInt(one.slice(0, -1)) : one,
  ) as FakeEnvelope;
const seconds = (time: Date): number => Math.floor(time.getTime() / 1_000);

/** Speaks the port to the fake ledger. */
export class FakeSubmitter extends LedgerSubmitter {
  /** Every payload that was sent, in order, also the ones that got lost. */
  readonly sent: string[] = [];

  constructor(private readonly fake: FakeNetwork) {
    super();
  }

  override prepare(instructions: readonly AttemptInstructions[]): Promise<readonly Prepared[]> {
    return Promise.resolve(instructions.map((one) => this.attempt(one)));
  }

  override prepareBump(instructions: readonly BumpInstructions[]): Promise<readonly Prepared[]> {
    return Promise.resolve(
      instructions.map(({ payload, distribution, feeRate }) => {
        const { source, sequence, maxTime, memo, operations } = read(payload);
        return this.wrap({ source, sequence, maxTime, memo, operations }, distribution.account, feeRate);
      }),
    );
  }

  override prepareNoOp(instructions: readonly NoOpInstructions[]): Promise<readonly Prepared[]> {
    return Promise.resolve(instructions.map((one) => this.noOp(one)));
  }

  override prepareSetup({
    source,
    sequence,
    feePayer,
    operations,
    maxTime,
    feeRate,
  }: SetupInstructions): Promise<Prepared> {
    const inner = {
      source: source.account,
      sequence,
      maxTime: seconds(maxTime),
      memo: null,
      operations: operations.map(setupOperation),
    };
    return Promise.resolve(this.wrap(inner, feePayer.account, feeRate));
  }

  override submit(payload: string): Promise<SubmitAnswer> {
    this.sent.push(payload);
    const { faults } = this.fake;
    if (faults.down || faults.happens('loseRequest')) return silence('lost on the way');
    if (faults.happens('refuse')) return refusal('TRY_AGAIN_LATER');
    const code = this.fake.admit(read(payload));
    if (faults.happens('loseAnswer')) return silence('the answer was lost');
    return code === null ? Promise.resolve({ kind: 'accepted' }) : refusal(code);
  }

  override lookup(query: LookupQuery): Promise<LookupAnswer> {
    return Promise.resolve(this.lookupNow(query));
  }

  private lookupNow(query: LookupQuery): LookupAnswer {
    const { faults } = this.fake;
    if (faults.down) return { kind: 'notYet', contradiction: false };
    const newest = this.fake.latest(faults.lagLedgers);
    const all = this.fake.transactions().filter((one) => one.ledger <= newest.sequence);
    for (const transaction of all) {
      const answer = this.evidence(query, transaction);
      if (answer !== null) return answer;
    }
    const visible = query.lastSeen.sequence <= newest.sequence;
    const sameHistory = visible && this.fake.header(query.lastSeen.sequence)?.hash === query.lastSeen.hash;
    const last = all.findLast((one) => one.sourceAccount === query.channel);
    // What a lagging node knows of the account is the last ledger transaction that it has seen of it.
    const now = this.fake.account(query.channel);
    const seen =
      faults.lagLedgers === 0 ? (now?.sequence ?? 0n) : (last?.sourceSequence ?? query.sequence - 1n);
    if (seen >= query.sequence) return { kind: 'notYet', contradiction: true };
    if (!sameHistory || newest.closedAt <= query.maxTime) return { kind: 'notYet', contradiction: false };
    const proof = {
      node: 'fake',
      channelSequence: seen,
      latestLedger: newest.sequence,
      latestClosedAt: newest.closedAt,
    };
    return { kind: 'expired', proof };
  }

  override evidence(query: LookupQuery, transaction: LedgerTransaction): LookupAnswer | null {
    const inclusion = inclusionOf(query, transaction);
    if (inclusion?.kind !== 'failed') return inclusion;
    const operations = transaction.operationCodes.map((code): OperationOutcome => ({
      code,
      class: CLASSES[code] ?? 'later',
      dependsOnOrder: code === 'op_underfunded' || code === 'op_line_full',
    }));
    const { resultCode: code } = transaction;
    const meaning = code === 'tx_insufficient_balance' ? 'ours' : 'later';
    return { kind: 'failed', proof: inclusion.proof, code, class: meaning, operations };
  }

  private attempt(instructions: AttemptInstructions): Prepared {
    const { channel, sequence, distribution, payments, memo, maxTime, feeRate } = instructions;
    const operations = payments.map((payment): FakeOperation => ({
      ...payment,
      kind: 'payment',
      source: distribution.account,
    }));
    const inner = { source: channel, sequence, maxTime: seconds(maxTime), memo, operations };
    return this.wrap(inner, distribution.account, feeRate);
  }

  private noOp({ channel, sequence, distribution, maxTime, feeRate }: NoOpInstructions): Prepared {
    const nothing: FakeOperation = {
      kind: 'no-op',
      source: channel,
      destination: channel,
      asset: XLM,
      amount: 0n,
    };
    const inner = { source: channel, sequence, maxTime: seconds(maxTime), memo: null, operations: [nothing] };
    return this.wrap(inner, distribution.account, feeRate);
  }

  private wrap(
    inner: Omit<FakeEnvelope, 'reference' | 'envelopeHash' | 'feePayer' | 'feeBid'>,
    feePayer: string,
    feeRate: bigint,
  ): Prepared {
    const reference = digest(inner);
    const feeBid = feeRate * BigInt(inner.operations.length + 1);
    const envelopeHash = digest({ reference, feePayer, feeBid });
    const envelope: FakeEnvelope = { ...inner, reference, envelopeHash, feePayer, feeBid };
    return { reference, envelopeHash, feeBid, payload: write(envelope) };
  }
}

function setupOperation(operation: SetupOperation): FakeOperation {
  switch (operation.kind) {
    case 'create-sponsored-account':
      return created(operation.sponsor.account, operation.account, 0n);
    case 'create-account':
      return created(operation.funder.account, operation.account, operation.startingBalance);
    case 'change-trust': {
      const { account, asset, limit } = operation;
      return {
        kind: 'change-trust',
        source: account.account,
        destination: account.account,
        asset,
        amount: limit,
      };
    }
    case 'merge-account':
    case 'replace-key':
      throw new Error(`the fake ledger does not know ${operation.kind}: test it on the sandbox`);
  }
}

const created = (source: string, destination: string, amount: bigint): FakeOperation => ({
  kind: 'create-account',
  source,
  destination,
  asset: XLM,
  amount,
});

const silence = (reason: string): Promise<SubmitAnswer> => Promise.resolve({ kind: 'silent', reason });

const refusal = (code: string): Promise<SubmitAnswer> =>
  Promise.resolve({
    kind: 'refused',
    code,
    operationCodes: [],
    advice: ADVICE[code] ?? 'resend',
    feeNeeded: null,
  });
