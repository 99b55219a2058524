import { Asset, Horizon, Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk';

import { type Sandbox, startSandbox } from '../../sandbox';

describe('The official SDK, unmodified, works with the sandbox', () => {
  let sandbox: Sandbox;
  let server: Horizon.Server;
  let payer: Keypair;
  let receiver: Keypair;

  beforeAll(async () => {
    sandbox = await startSandbox({ closeMs: 50, streamTickMs: 20 });
    server = new Horizon.Server(sandbox.url, { allowHttp: true });
    [payer, receiver] = [Keypair.random(), Keypair.random()];
    await Promise.all(
      [payer, receiver].map(async (key) => {
        await server.friendbot(key.publicKey()).call();
      }),
    );
  });

  afterAll(async () => {
    await sandbox.close();
  });

  async function payment(amount: string) {
    const account = await server.loadAccount(payer.publicKey());
    const transaction = new TransactionBuilder(account, { fee: '100', networkPassphrase: sandbox.passphrase })
      .addOperation(Operation.payment({ destination: receiver.publicKey(), asset: Asset.native(), amount }))
      .setTimeout(60)
      .build();
    transaction.sign(payer);
    return transaction;
  }

  it('loads an account', async () => {
    const account = await server.loadAccount(payer.publicKey());
    expect(account.balances).toMatchObject([{ asset_type: 'native', balance: '10000.0000000' }]);
    expect(account.thresholds.med_threshold).toBe(0);
  });

  it('submits and waits', async () => {
    const answer = await server.submitTransaction(await payment('12.5'));
    expect(answer.successful).toBe(true);
    const found = await server.transactions().transaction(answer.hash).call();
    expect([found.ledger_attr, found.fee_charged]).toEqual([answer.ledger, '100']);
  });

  it('submits without waiting', async () => {
    const transaction = await payment('1');
    const answer = await server.submitAsyncTransaction(transaction);
    expect(answer).toMatchObject({ tx_status: 'PENDING' });
    const again = await server.submitAsyncTransaction(transaction).catch((error: unknown) => error);
    expect(JSON.stringify(again)).toMatch(/DUPLICATE|TRY_AGAIN_LATER|409|503/);
    // Until it is in a ledger its account takes no other one.
    expect(await server.submitTransaction(transaction)).toMatchObject({ successful: true });
  });

  it('says why the network refused', async () => {
    const refusal: unknown = await server
      .submitTransaction(await payment('99999'))
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      response: {
        data: { extras: { result_codes: { transaction: 'tx_failed', operations: ['op_underfunded'] } } },
      },
    });
  });

  it('bumps a fee', async () => {
    const inner = await payment('2');
    const bump = TransactionBuilder.buildFeeBumpTransaction(receiver, '500', inner, sandbox.passphrase);
    bump.sign(receiver);
    const answer = await server.submitTransaction(bump);
    expect(answer).toMatchObject({ successful: true });
    const byInner = await server.transactions().transaction(Buffer.from(inner.hash()).toString('hex')).call();
    expect(byInner.fee_account).toBe(receiver.publicKey());
  });

  it('lists ledger transactions and payments of an account', async () => {
    await server.submitTransaction(await payment('3'));
    const transactions = await server
      .transactions()
      .forAccount(payer.publicKey())
      .order('desc')
      .limit(1)
      .call();
    const payments = await server.payments().forAccount(receiver.publicKey()).order('desc').limit(1).call();
    expect(transactions.records[0]?.source_account).toBe(payer.publicKey());
    expect(payments.records[0]).toMatchObject({
      type: 'payment',
      amount: '3.0000000',
      from: payer.publicKey(),
    });
    const next = await transactions.next();
    expect(next.records[0]?.paging_token).not.toBe(transactions.records[0]?.paging_token);
  });

  it('reads fee statistics, the root and the time', async () => {
    const stats = await server.feeStats();
    expect(stats.last_ledger_base_fee).toBe('100');
    const root = await server.root();
    expect(root.network_passphrase).toBe(sandbox.passphrase);
    expect(await server.fetchBaseFee()).toBe(100);
  });

  /** The first record of a stream. */
  async function firstOf<Item>(
    stream: (handlers: { onmessage: (item: Item) => void; onerror: (error: unknown) => void }) => () => void,
    provoke: () => Promise<unknown>,
  ): Promise<Item> {
    let close: () => void = () => undefined;
    try {
      return await new Promise<Item>((resolve, reject) => {
        close = stream({ onmessage: resolve, onerror: reject });
        provoke().catch(reject);
      });
    } finally {
      close();
    }
  }

  it('follows ledgers', async () => {
    const ledger = await firstOf<{ sequence: number }>(
      ({ onerror, onmessage }) =>
        server
          .ledgers()
          .cursor('now')
          .stream({
            onmessage: (item) => {
              onmessage(item);
            },
            onerror,
          }),
      async () => Promise.resolve(),
    );
    expect(ledger.sequence).toBeGreaterThan(1);
  });

  it('follows the ledger transactions of an account', async () => {
    const transaction = await payment('4');
    const hash = Buffer.from(transaction.hash()).toString('hex');
    const followed = await firstOf<{ hash: string }>(
      ({ onerror, onmessage }) =>
        server
          .transactions()
          .forAccount(payer.publicKey())
          .cursor('now')
          .stream({
            onmessage: (item) => {
              onmessage(item);
            },
            onerror,
          }),
      async () => server.submitTransaction(transaction),
    );
    expect(followed.hash).toBe(hash);
  });
});
