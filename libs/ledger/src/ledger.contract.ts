import { XLM } from '@libs/kernel';

import { type LedgerHeader, type LedgerReader, LedgerUnreachableError } from './ledger-reader.port';
import {
  type AttemptInstructions,
  type LedgerKey,
  type LedgerSubmitter,
  type LookupQuery,
  ownKeyOf,
  type Prepared,
} from './ledger-submitter.port';

/** A ledger for the suite: accounts that exist, and ledgers that close when told to. */
export interface LedgerWorld {
  readonly reader: LedgerReader;
  readonly submitter: LedgerSubmitter;
  /** An existing account with no ledger transaction yet and at least 100 XLM. A new one at each call. */
  newAccount(): Promise<LedgerKey>;
  /** A key without an account. */
  newKey(): LedgerKey;
  /** Closes a ledger; `seconds` is how much the ledger's time moves on. */
  closeLedger(seconds?: number): Promise<void>;
  stop(): Promise<void>;
}

/** What the fake and every real adapter must do alike. */
export function ledgerContract(name: string, open: () => Promise<LedgerWorld>): void {
  describe(`the ledger port of ${name}`, () => {
    let world: LedgerWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(async () => {
      await world.stop();
    });

    it('gives the same reference and payload for the same instructions', async () => {
      const { instructions } = await attempt(world);
      expect(await world.submitter.prepare([instructions])).toEqual(
        await world.submitter.prepare([instructions]),
      );
    });

    it('finds an applied attempt by its reference, with the ids of its operations', async () => {
      const { query, prepared } = await attempt(world, { payments: 3 });
      expect(await world.submitter.submit(prepared.payload)).toEqual({ kind: 'accepted' });
      await world.closeLedger();
      const answer = await world.submitter.lookup(query);
      expect(answer).toMatchObject({
        kind: 'applied',
        proof: { innerHash: query.reference, sourceAccount: query.channel },
      });
      if (answer.kind === 'applied') expect(new Set(answer.proof.operationIds).size).toBe(3);
    });

    it('tells what left an account, with what identifies it, and where to read on', async () => {
      const { query, prepared, instructions } = await attempt(world, { payments: 3 });
      await world.submitter.submit(prepared.payload);
      await world.closeLedger();
      const { account } = instructions.distribution;
      const { sequence: notBefore } = await world.reader.latestLedger();
      const page = await world.reader.outflowsOf(account, { cursor: '0', notBefore });
      expect(page.outflows).toMatchObject(
        instructions.payments.map(({ destination, asset, amount }, position) => ({
          ...{ kind: 'payment', innerHash: query.reference, envelopeHash: prepared.envelopeHash, position },
          ...{
            to: destination,
            asset,
            amount,
            memo: instructions.memo,
            sourceAccount: query.channel,
            ledger: notBefore,
          },
        })),
      );
      const answer = await world.submitter.lookup(query);
      expect(answer.kind === 'applied' && answer.proof.operationIds).toEqual(
        page.outflows.map(({ id }) => id),
      );
      expect(page.isLast).toBe(true);
      const rest = await world.reader.outflowsOf(account, { cursor: page.cursor, notBefore });
      expect(rest).toEqual({ outflows: [], cursor: page.cursor, isLast: true });
    });

    it('tells nothing about what left an account from a ledger that is too old', async () => {
      const { instructions } = await attempt(world);
      const { sequence } = await world.reader.latestLedger();
      const asked = world.reader.outflowsOf(instructions.distribution.account, {
        cursor: '0',
        notBefore: sequence + 1,
      });
      await expect(asked).rejects.toThrow(LedgerUnreachableError);
    });

    it('says not yet while no ledger has closed, whatever the node answered', async () => {
      const { query, prepared } = await attempt(world);
      expect(await world.submitter.lookup(query)).toEqual({ kind: 'notYet', contradiction: false });
      await world.submitter.submit(prepared.payload);
      expect((await world.submitter.lookup(query)).kind).not.toBe('expired');
      await world.closeLedger();
    });

    it('takes the same envelope twice as one', async () => {
      const { query, prepared, destination } = await attempt(world);
      const before = await xlmOf(world, destination);
      expect(await world.submitter.submit(prepared.payload)).toEqual({ kind: 'accepted' });
      expect(await world.submitter.submit(prepared.payload)).toEqual({ kind: 'accepted' });
      await world.closeLedger();
      expect(await world.submitter.lookup(query)).toMatchObject({ kind: 'applied' });
      expect((await xlmOf(world, destination)) - before).toBe(10_000_000n);
    });

    it('tells the result of each operation of a failed attempt', async () => {
      const { query, prepared } = await attempt(world, { payments: 2, missingDestination: true });
      await world.submitter.submit(prepared.payload);
      await world.closeLedger();
      expect(await world.submitter.lookup(query)).toMatchObject({
        kind: 'failed',
        operations: [
          { code: 'op_success', class: 'success' },
          { code: 'op_no_destination', class: 'final' },
        ],
      });
    });

    it('proves that an attempt was superseded by the no-op at its sequence', async () => {
      const { query, instructions } = await attempt(world);
      const noOp = only(await world.submitter.prepareNoOp([instructions]));
      expect(noOp.reference).not.toBe(query.reference);
      expect(await world.submitter.submit(noOp.payload)).toEqual({ kind: 'accepted' });
      await world.closeLedger();
      expect(await world.submitter.lookup(query)).toMatchObject({
        kind: 'superseded',
        proof: { innerHash: noOp.reference },
      });
    });

    it('keeps the reference when the fee is bumped', async () => {
      const { query, prepared, instructions } = await attempt(world);
      const { distribution } = instructions;
      const { payload } = prepared;
      const bumped = only(await world.submitter.prepareBump([{ payload, distribution, feeRate: 5_000n }]));
      expect(bumped.reference).toBe(prepared.reference);
      expect(bumped.envelopeHash).not.toBe(prepared.envelopeHash);
      await world.submitter.submit(prepared.payload);
      expect(await world.submitter.submit(bumped.payload)).toEqual({ kind: 'accepted' });
      await world.closeLedger();
      expect(await world.submitter.lookup(query)).toMatchObject({
        kind: 'applied',
        proof: { envelopeHash: bumped.envelopeHash },
      });
    });

    it('refuses a sequence number that leaves a gap, and asks to send it again', async () => {
      const { instructions } = await attempt(world);
      const { payload } = only(
        await world.submitter.prepare([{ ...instructions, sequence: instructions.sequence + 1n }]),
      );
      expect(await world.submitter.submit(payload)).toMatchObject({
        kind: 'refused',
        code: 'tx_bad_seq',
        advice: 'resend',
      });
    });

    it('proves expiry only after a ledger closed past the last possible moment', async () => {
      const { query, prepared } = await attempt(world, { secondsToLive: 20 });
      await world.closeLedger(1);
      expect(await world.submitter.lookup(query)).toEqual({ kind: 'notYet', contradiction: false });
      await world.closeLedger(30);
      expect(await world.submitter.lookup(query)).toMatchObject({
        kind: 'expired',
        proof: { channelSequence: query.sequence - 1n },
      });
      expect(await world.submitter.submit(prepared.payload)).toMatchObject({
        kind: 'refused',
        advice: 'expire',
      });
    });

    it('proves nothing when the node tells another history than the attempt has seen', async () => {
      const { query } = await attempt(world, { secondsToLive: 20 });
      await world.closeLedger(30);
      const elsewhere = { ...query, lastSeen: { ...query.lastSeen, hash: 'f'.repeat(64) } };
      expect(await world.submitter.lookup(elsewhere)).toEqual({ kind: 'notYet', contradiction: false });
    });

    it('calls a used sequence without a trace a contradiction', async () => {
      const { query } = await attempt(world);
      const used = { ...query, reference: 'e'.repeat(64), sequence: query.sequence - 1n };
      expect(await world.submitter.lookup(used)).toEqual({ kind: 'notYet', contradiction: true });
    });

    it('shows the ledger transactions of the account that paid the fee, page by page', async () => {
      const { instructions, prepared } = await attempt(world);
      const { account: address } = instructions.distribution;
      const start = await world.reader.transactionsOf(address, { cursor: 'now', order: 'asc' });
      await world.submitter.submit(prepared.payload);
      await world.closeLedger();
      const all = await world.reader.transactionsOf(address, { order: 'desc', limit: 1 });
      expect(all.transactions).toMatchObject([
        { innerHash: prepared.reference, envelopeHash: prepared.envelopeHash },
      ]);
      expect(start.transactions).toEqual([]);
      const rest = await world.reader.transactionsOf(address, { cursor: all.cursor, order: 'asc' });
      expect(rest).toEqual({ transactions: [], cursor: all.cursor });
    });
  });
}

interface Attempt {
  readonly instructions: AttemptInstructions;
  readonly prepared: Prepared;
  readonly query: LookupQuery;
  readonly destination: string;
}

async function attempt(
  world: LedgerWorld,
  options: { payments?: number; missingDestination?: boolean; secondsToLive?: number } = {},
): Promise<Attempt> {
  const [channel, distribution, recipient] = await Promise.all([
    world.newAccount(),
    world.newAccount(),
    world.newAccount(),
  ]);
  const latest: LedgerHeader = await world.reader.latestLedger();
  const sequence = ((await world.reader.account(channel.address))?.sequence ?? 0n) + 1n;
  const count = options.payments ?? 1;
  const missing = world.newKey().address;
  const instructions: AttemptInstructions = {
    channel: channel.address,
    sequence,
    distribution: ownKeyOf(distribution.address),
    payments: Array.from({ length: count }, (_, index) => ({
      destination: options.missingDestination === true && index === count - 1 ? missing : recipient.address,
      asset: XLM,
      amount: 10_000_000n,
    })),
    memo: { type: 'text', value: 'contract' },
    maxTime: new Date(latest.closedAt.getTime() + (options.secondsToLive ?? 90) * 1_000),
    feeRate: 200n,
  };
  const prepared = only(await world.submitter.prepare([instructions]));
  const { maxTime } = instructions;
  const query: LookupQuery = {
    reference: prepared.reference,
    channel: channel.address,
    sequence,
    maxTime,
    lastSeen: latest,
  };
  return { instructions, prepared, query, destination: recipient.address };
}

function only(prepared: readonly Prepared[]): Prepared {
  const [one] = prepared;
  if (one === undefined || prepared.length > 1) throw new Error('one instruction gives one envelope');
  return one;
}

async function xlmOf(world: LedgerWorld, address: string): Promise<bigint> {
  const account = await world.reader.account(address);
  return account?.balances.find((line) => line.asset.issuer === '')?.balance ?? 0n;
}
