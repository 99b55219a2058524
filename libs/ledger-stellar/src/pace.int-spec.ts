import { XLM } from '@libs/kernel';
import { ownKeyOf } from '@libs/ledger';

import { type Sandbox, startSandbox } from '../../../apps/stellar-sandbox/src/sandbox';
import { HttpClient } from './http-client';
import { type EndedCall, PacedTransport } from './paced-transport';
import { StellarReader } from './reader';
import { SubmissionEndpoint } from './submission-endpoint';
import { newLedgerKey, SeedSigner, StellarSubmitter } from './submitter';

describe('calls to servers of the network, within what these can take', () => {
  let sandbox: Sandbox;
  let calls: EndedCall[];
  let paced: PacedTransport;
  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0, nodes: 2, submitTimeoutMs: 500 });
    calls = [];
    const onCall = (call: EndedCall): void => {
      calls.push(call);
    };
    paced = new PacedTransport({ http: new HttpClient(), nodes: urls(), onCall });
  });
  afterEach(async () => {
    paced.close();
    await sandbox.close();
  });

  const urls = (): string[] => [1, 2].map((node) => `${sandbox.url}/nodes/${String(node)}`);
  const options = (): ConstructorParameters<typeof StellarReader>[0] => ({
    horizonUrls: urls(),
    networkPassphrase: sandbox.passphrase,
    http: paced,
  });
  const fault = async (rule: object): Promise<void> => {
    const answer = await fetch(`${sandbox.url}/sandbox/faults`, {
      method: 'POST',
      body: JSON.stringify({ method: 'GET', path: '/', ...rule }),
    });
    expect(answer.status).toBe(201);
  };
  const noFaults = async (): Promise<void> => {
    await fetch(`${sandbox.url}/sandbox/faults`, { method: 'DELETE' });
  };
  const asked = (node: number): number =>
    calls.filter((call) => call.node.endsWith(`/nodes/${String(node)}`)).length;
  const first = (): ReturnType<PacedTransport['budgets']>[number] | undefined => paced.budgets()[0];

  it('go elsewhere while a server wants to be left alone, and come back after that', async () => {
    const reader = new StellarReader(options());
    await fault({ node: 1, action: { kind: 'respond', status: 429, retryAfter: 4, when: 'before' } });
    for (let asking = 0; asking < 5; asking += 1) await reader.feeStats();
    expect([asked(1), asked(2)]).toEqual([1, 5]);
    expect(first()?.restSeconds).toBeGreaterThan(0.5);
    const [resting, other] = await reader.nodes();
    expect([resting?.latest, other?.problem]).toEqual([null, null]);
    await noFaults();
    await until(() => first()?.restSeconds === 0);
    expect((await reader.nodes()).map(({ problem }) => problem)).toEqual([null, null]);
  });

  it('wait for the only server that there is, if that does not take too long', async () => {
    const reader = new StellarReader({ ...options(), horizonUrls: urls().slice(0, 1) });
    await fault({ count: 1, action: { kind: 'respond', status: 503, when: 'before', body: 'html' } });
    await expect(reader.feeStats()).rejects.toThrow('503');
    const before = performance.now();
    const rest = (first()?.restSeconds ?? 0) * 1_000;
    expect(rest).toBeGreaterThan(0);
    await reader.feeStats();
    expect(performance.now() - before).toBeGreaterThanOrEqual(rest - 20);
  });

  it('fail at once when the server is to be left alone for longer than anybody waits', async () => {
    const reader = new StellarReader({ ...options(), horizonUrls: urls().slice(0, 1) });
    await fault({ action: { kind: 'respond', status: 429, retryAfter: 60, when: 'before' } });
    await expect(reader.feeStats()).rejects.toThrow('429');
    await expect(reader.feeStats()).rejects.toThrow('left alone');
    expect(asked(1)).toBe(1);
  });

  it('become fewer when connections fail, whoever asks', async () => {
    await fault({ node: 1, method: 'GET', action: { kind: 'cut', when: 'before' } });
    const read = (): Promise<unknown> =>
      paced.send({ url: `${urls()[0] ?? ''}/fee_stats`, timeoutMs: 5_000 });
    await Promise.allSettled(Array.from({ length: 20 }, read));
    expect(first()?.inFlightMax).toBe(32);
    expect(paced.budgets()[1]?.inFlightMax).toBe(64);
  });

  describe('that carry envelopes', () => {
    let payload: string;
    let endpoint: SubmissionEndpoint;
    beforeEach(async () => {
      payload = await newEnvelope();
      endpoint = new SubmissionEndpoint(urls()[0] ?? '', paced);
    });

    it('stay as many while the network says TRY_AGAIN_LATER to each of them', async () => {
      expect(await endpoint.post(payload)).toEqual({ kind: 'accepted' });
      // A node's core does not take again what a ledger has taken just now.
      await sandbox.closeLedger();
      for (let posts = 0; posts < 5; posts += 1) {
        expect(await endpoint.post(payload)).toMatchObject({ kind: 'refused', code: 'TRY_AGAIN_LATER' });
      }
      const refusals = calls.filter(({ status }) => status === 503);
      expect(refusals.map(({ kind, reason }) => `${kind} ${reason}`)).toEqual(
        Array.from({ length: 5 }, () => 'submit TRY_AGAIN_LATER'),
      );
      expect(first()).toMatchObject({ inFlightMax: 64, perSecondMax: 1_000, restSeconds: 0 });
    });

    it('leave questions a place while the core answers none of them', async () => {
      await control('core', { hung: true });
      const posts = Array.from({ length: 80 }, () => endpoint.post(payload));
      await until(() => (first()?.inFlight ?? 0) >= 48);
      expect(first()).toMatchObject({ inFlight: 48, waiting: 32 });
      const reader = new StellarReader({ ...options(), horizonUrls: urls().slice(0, 1) });
      expect((await reader.latestLedger()).sequence).toBeGreaterThan(1);
      await control('core', { hung: false });
      expect(new Set((await Promise.all(posts)).map(({ kind }) => kind))).toEqual(new Set(['accepted']));
    });

    it('go to the endpoint that waits where there is no other, and ask for the other one now and then', async () => {
      let now = 0;
      endpoint = new SubmissionEndpoint(urls()[0] ?? '', paced, () => now);
      await fault({
        ...{ method: 'POST', path: '/transactions_async' },
        action: { kind: 'respond', status: 404, when: 'before' },
      });
      await closingUntil(endpoint.post(payload));
      await endpoint.post(payload);
      const posts = async (): Promise<unknown> => {
        const answer = await fetch(`${sandbox.url}/sandbox/requests`);
        const { requests } = (await answer.json()) as { requests: Record<string, number> };
        return [requests['POST /transactions_async'], requests['POST /transactions']];
      };
      expect(await posts()).toEqual([1, 2]);
      now += 300_000;
      await noFaults();
      expect((await endpoint.post(payload)).kind).toBe('refused');
      expect(await posts()).toEqual([2, 2]);
    });
  });

  const control = async (what: string, body: object): Promise<void> => {
    const answer = await fetch(`${sandbox.url}/sandbox/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };

  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  /** Closes ledgers until `work` is done. */
  const closingUntil = async <Result>(work: Promise<Result>): Promise<Result> => {
    const over = { is: false };
    const watched = work.finally(() => (over.is = true));
    while (!over.is) {
      await sandbox.closeLedger();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return await watched;
  };

  const newEnvelope = async (): Promise<string> => {
    const [channel, payer] = [newLedgerKey(), newLedgerKey()];
    const funded = [channel, payer].map((key) => fetch(`${sandbox.url}/friendbot?addr=${key.address}`));
    await closingUntil(Promise.all(funded));
    const reader = new StellarReader({ ...options(), http: new HttpClient() });
    const account = await reader.account(channel.address);
    const { closedAt } = await reader.latestLedger();
    reader.close();
    const submitter = new StellarSubmitter({ ...options(), signer: new SeedSigner([channel, payer]) });
    const [prepared] = await submitter.prepare([
      {
        channel: channel.address,
        sequence: (account?.sequence ?? 0n) + 1n,
        distribution: ownKeyOf(payer.address),
        payments: [{ destination: channel.address, asset: XLM, amount: 1n }],
        memo: null,
        maxTime: new Date(closedAt.getTime() + 3_600_000),
        feeRate: 200n,
      },
    ]);
    return prepared?.payload ?? '';
  };
});
