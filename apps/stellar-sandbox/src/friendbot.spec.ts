import { Asset, Keypair, Operation } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from './sandbox';
import { type HttpAnswer, LedgerClient } from './testing/ledger-client';

const PEOPLE = 1000;

// Some seconds of work; more on a machine that is busy with other suites.
jest.setTimeout(180_000);

describe('Friendbot', () => {
  let sandbox: Sandbox;
  let client: LedgerClient;

  beforeEach(async () => {
    sandbox = await startSandbox({ closeMs: 0 });
    client = new LedgerClient(sandbox.url, sandbox.passphrase);
  });

  afterEach(async () => {
    await sandbox.close();
  });

  /** Closes ledgers, each once the network has taken in what it can, until all have answered. */
  async function closeUntilAnswered(
    asking: readonly Promise<HttpAnswer>[],
    waiting: () => number,
  ): Promise<{ readonly answers: readonly HttpAnswer[]; readonly ledgers: number }> {
    let answered = 0;
    for (const one of asking) void one.finally(() => (answered += 1));
    let ledgers = 0;
    while (answered < asking.length) {
      if (answered + waiting() >= asking.length) {
        await sandbox.closeLedger();
        ledgers += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { answers: await Promise.all(asking), ledgers };
  }

  it(`creates ${String(PEOPLE)} accounts with a trustline each in ten ledgers, which take ten seconds`, async () => {
    const ask = async (key: Keypair): Promise<HttpAnswer> => client.get(`/friendbot?addr=${key.publicKey()}`);
    const issuer = Keypair.random();
    const people = Array.from({ length: PEOPLE }, () => Keypair.random());
    const created = await closeUntilAnswered([issuer, ...people].map(ask), () => sandbox.friendbotQueueSize);
    const asset = new Asset('USD', issuer.publicKey());
    const envelopes = created.answers.slice(1).map(({ json, status, text }, index) => {
      const source = people[index];
      if (status !== 200 || source === undefined) throw new Error(text);
      // An account starts with the number of its ledger in front.
      const sequence = (BigInt(Number(json['ledger'])) << 32n) + 1n;
      return client.build({ source, sequence, operations: [Operation.changeTrust({ asset })] }).toXdr();
    });
    const trusting = await closeUntilAnswered(
      envelopes.map(async (envelope) => client.post(envelope)),
      () => sandbox.queueSize,
    );
    expect(trusting.answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(created.ledgers + trusting.ledgers).toBeLessThanOrEqual(10);
    const { json } = await client.get(`/assets?asset_code=USD&asset_issuer=${issuer.publicKey()}`);
    expect(JSON.stringify(json)).toContain(`"authorized":${String(PEOPLE)}`);
  });

  it('says so when an account exists already, or is being created', async () => {
    const path = `/friendbot?addr=${Keypair.random().publicKey()}`;
    const asking = [client.get(path), client.get(path)];
    const { answers } = await closeUntilAnswered(asking, () => sandbox.friendbotQueueSize);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    const { json } = await client.get(path);
    expect(json['detail']).toBe('account already funded to starting balance');
  });

  it('asks for an address that is one', async () => {
    expect((await client.get('/friendbot?addr=GABC')).status).toBe(400);
    expect((await client.get('/friendbot')).status).toBe(400);
  });
});
