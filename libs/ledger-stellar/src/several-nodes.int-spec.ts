import {
  type AttemptInstructions,
  type LedgerKey,
  type LedgerTransaction,
  type LookupAnswer,
  type LookupQuery,
  ownKeyOf,
} from '@libs/ledger';
import { XLM } from '@libs/kernel';

import { type Sandbox, startSandbox } from '../../../apps/stellar-sandbox/src/sandbox';
import { StellarReader } from './reader';
import { newLedgerKey, SeedSigner, StellarSubmitter } from './submitter';

/** One network with two servers, whose ledgers close when told to and whose time moves as far as told. */
class TwoNodes {
  private seconds = 0;
  private readonly startedAt = Date.now();
  private readonly signer = new SeedSigner();
  private readonly clock = jest
    .spyOn(Date, 'now')
    .mockImplementation(() => this.startedAt + this.seconds * 1_000);
  private readonly open: { close(): void }[] = [];

  private constructor(readonly sandbox: Sandbox) {}

  static async start(): Promise<TwoNodes> {
    return new TwoNodes(
      await startSandbox({ closeMs: 0, nodes: 2, streamTickMs: 20, submitTimeoutMs: 1_000 }),
    );
  }

  urls(...nodes: readonly string[]): string[] {
    return nodes.map((node) => `${this.sandbox.url}/nodes/${node}`);
  }

  reader(...nodes: readonly string[]): StellarReader {
    const options = { horizonUrls: this.urls(...nodes), networkPassphrase: this.sandbox.passphrase };
    const reader = new StellarReader(options);
    this.open.push(reader);
    return reader;
  }

  submitter(...nodes: readonly string[]): StellarSubmitter {
    const { passphrase: networkPassphrase } = this.sandbox;
    const { signer } = this;
    const submitter = new StellarSubmitter({ horizonUrls: this.urls(...nodes), networkPassphrase, signer });
    this.open.push(submitter);
    return submitter;
  }

  async control(what: string, body: object): Promise<void> {
    const answer = await fetch(`${this.sandbox.url}/sandbox/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async closeLedger(seconds = 5): Promise<void> {
    this.seconds += seconds;
    await this.sandbox.closeLedger();
  }

  async newAccount(): Promise<LedgerKey> {
    const key = newLedgerKey();
    this.signer.add(key);
    const funded = { is: false };
    const answer = fetch(`${this.sandbox.url}/friendbot?addr=${key.address}`).finally(() => {
      funded.is = true;
    });
    while (!funded.is) {
      await this.closeLedger(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect((await answer).status).toBe(200);
    return key;
  }

  /** An attempt to pay 1 XLM, prepared and not sent. */
  async attempt(): Promise<{ readonly payload: string; readonly query: LookupQuery }> {
    const [channel, distribution, recipient] = [
      await this.newAccount(),
      await this.newAccount(),
      await this.newAccount(),
    ];
    const reader = this.reader('1');
    const latest = await reader.latestLedger();
    const sequence = ((await reader.account(channel.address))?.sequence ?? 0n) + 1n;
    const maxTime = new Date(latest.closedAt.getTime() + 60_000);
    const instructions: AttemptInstructions = {
      channel: channel.address,
      sequence,
      distribution: ownKeyOf(distribution.address),
      payments: [{ destination: recipient.address, asset: XLM, amount: 10_000_000n }],
      memo: null,
      maxTime,
      feeRate: 200n,
    };
    const [prepared] = await this.submitter('1').prepare([instructions]);
    if (prepared === undefined) throw new Error('nothing was prepared');
    const { payload, reference } = prepared;
    return {
      payload,
      query: { reference, channel: channel.address, sequence, maxTime, lastSeen: latest },
    };
  }

  async stop(): Promise<void> {
    this.clock.mockRestore();
    for (const one of this.open) one.close();
    await this.sandbox.close();
  }
}

const NOT_YET = { kind: 'notYet', contradiction: false };

describe('several servers of one network', () => {
  let net: TwoNodes;
  beforeEach(async () => {
    net = await TwoNodes.start();
  });
  afterEach(async () => {
    await net.stop();
  });

  describe.each([
    ['in a list', ['1', '2']],
    ['behind a balancer', ['any']],
  ])('of different age, %s', (_name, nodes) => {
    const lookups = async (query: LookupQuery): Promise<LookupAnswer[]> => {
      const submitter = net.submitter(...nodes);
      const answers: LookupAnswer[] = [];
      // By turns each server is the first to be asked.
      for (let asked = 0; asked < 7; asked += 1) answers.push(await submitter.lookup(query));
      return answers;
    };

    it('prove what was applied, and never anything else before all of them know', async () => {
      const { payload, query } = await net.attempt();
      await net.control('reader', { node: 2, frozen: true });
      await net.submitter('1').submit(payload);
      await net.closeLedger();
      const kinds = new Set((await lookups(query)).map(({ kind }) => kind));
      expect([...kinds].filter((kind) => kind !== 'notYet')).toEqual(['applied']);
    });

    it('call nothing expired that a newer one of them has applied', async () => {
      const { payload, query } = await net.attempt();
      await net.control('reader', { node: 2, frozen: true });
      await net.submitter('1').submit(payload);
      await net.closeLedger();
      for (let ledgers = 0; ledgers < 20; ledgers += 1) await net.closeLedger();
      const answers = await lookups(query);
      expect(answers.map(({ kind }) => kind)).not.toContain('expired');
      expect(answers.map(({ kind }) => kind)).toContain('applied');
    });

    it('prove expiry only from a ledger that closed after the last moment', async () => {
      const { query } = await net.attempt();
      await net.control('reader', { node: 2, frozen: true });
      for (let ledgers = 0; ledgers < 20; ledgers += 1) await net.closeLedger();
      const expired = (await lookups(query)).filter((answer) => answer.kind === 'expired');
      expect(expired.length).toBeGreaterThan(0);
      for (const { proof } of expired) {
        expect(proof.latestClosedAt.getTime()).toBeGreaterThan(query.maxTime.getTime());
      }
    });

    it('prove nothing from a server that is on another history', async () => {
      const { payload, query } = await net.attempt();
      await net.submitter('1').submit(payload);
      await net.control('reset', { nodes: [2] });
      // The new network gets as old as the one that it stands beside.
      for (let ledgers = 0; ledgers < query.lastSeen.sequence + 30; ledgers += 1) await net.closeLedger();
      for (const answer of await lookups(query)) expect(answer).toEqual(NOT_YET);
    });
  });

  it('are asked one after the other when one is down', async () => {
    const { payload, query } = await net.attempt();
    const [reader, submitter] = [net.reader('1', '2'), net.submitter('1', '2')];
    await net.control('reader', { node: 1, down: true });
    expect((await reader.account(query.channel))?.sequence).toBe(query.sequence - 1n);
    expect((await submitter.submit(payload)).kind).toBe('silent');
    expect(await submitter.submit(payload)).toEqual({ kind: 'accepted' });
    await net.closeLedger();
    expect((await submitter.lookup(query)).kind).toBe('applied');
    const [dead, alive] = await reader.nodes();
    expect([dead?.latest, alive?.problem]).toEqual([null, null]);
  });

  describe('as streams', () => {
    let stopping: AbortController;
    let following: Promise<void>;
    beforeEach(() => {
      stopping = new AbortController();
    });
    afterEach(async () => {
      stopping.abort();
      await following;
    });

    const follow = (reader: StellarReader): { readonly told: LedgerTransaction[] } => {
      const told: LedgerTransaction[] = [];
      const options = { cursor: '0', onTransaction: (one: LedgerTransaction) => told.push(one) };
      following = reader.followTransactions(options, stopping.signal);
      return { told };
    };
    const until = async (isTrue: () => boolean): Promise<void> => {
      for (let waited = 0; !isTrue(); waited += 20) {
        if (waited > 30_000) throw new Error('it did not happen in 30 s');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const all = async (): Promise<string[]> =>
      (await net.reader('1').transactions({ order: 'asc' })).transactions.map((one) => one.pagingToken);

    it('tell every ledger transaction once, in order, however often they are cut', async () => {
      await net.control('streams', { cutAfter: 1 });
      for (let accounts = 0; accounts < 4; accounts += 1) await net.newAccount();
      const expected = await all();
      const stream = follow(net.reader('1', '2'));
      await until(() => stream.told.length >= expected.length);
      expect(stream.told.map((one) => one.pagingToken)).toEqual(expected);
    });

    it('go on at another server when theirs goes down', async () => {
      const stream = follow(net.reader('1', '2'));
      await net.newAccount();
      await until(() => stream.told.length > 0);
      const { payload } = await net.attempt();
      await net.control('reader', { node: 1, down: true });
      await fetch(`${net.sandbox.url}/sandbox/streams`, { method: 'DELETE' });
      await net.submitter('2').submit(payload);
      await net.closeLedger();
      const expected = (await net.reader('2').transactions({ order: 'asc' })).transactions.length;
      await until(() => stream.told.length >= expected);
    });

    it('leave a server that ingests nothing, though it stays green', async () => {
      const reader = net.reader('1', '2');
      const stream = follow(reader);
      await net.newAccount();
      await until(() => stream.told.length > 0);
      const { payload } = await net.attempt();
      await net.control('reader', { node: 1, frozen: true });
      await net.submitter('2').submit(payload);
      await net.closeLedger();
      await net.closeLedger();
      await net.closeLedger();
      await reader.nodes();
      const expected = (await net.reader('2').transactions({ order: 'asc' })).transactions.length;
      await until(() => stream.told.length >= expected);
      expect(stream.told).toHaveLength(expected);
    });
  });
});
