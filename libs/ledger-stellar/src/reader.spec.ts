import { cursorAfterLedger, LedgerUnreachableError, type OutflowPage } from '@libs/ledger';
import { Account, Asset, Keypair, Operation, TransactionBuilder, type xdr } from '@stellar/stellar-sdk/base';

import { type HttpAnswer, type HttpRequest, HttpSilenceError, type HttpTransport } from './http-client';
import { StellarReader } from './reader';

/** Nobody answers; what was asked is kept. */
class Silence implements HttpTransport {
  readonly asked: HttpRequest[] = [];

  send(request: HttpRequest): Promise<never> {
    this.asked.push(request);
    return Promise.reject(new HttpSilenceError('nobody is there'));
  }

  stream(): Promise<never> {
    return Promise.reject(new HttpSilenceError('nobody is there'));
  }

  close(): void {
    this.asked.length = 0;
  }
}

describe('a question with a deadline', () => {
  const http = new Silence();
  const reader = new StellarReader({
    horizonUrls: ['http://one.test', 'http://two.test'],
    networkPassphrase: 'test',
    http,
  });
  const perServer = (): number[] =>
    http.asked.map(({ timeoutMs, patienceMs }) => timeoutMs + (patienceMs ?? timeoutMs));
  beforeEach(() => {
    http.close();
  });

  it.each([
    ['an account', () => reader.account('GA', { withinMs: 3_000 })],
    ['fees', () => reader.feeStats({ withinMs: 3_000 })],
  ])('about %s asks each server for no longer than is left', async (_, ask) => {
    await expect(ask()).rejects.toThrow(LedgerUnreachableError);
    expect(perServer()).toHaveLength(2);
    // Rounded up to whole milliseconds.
    for (const milliseconds of perServer()) expect(milliseconds).toBeLessThanOrEqual(3_001);
  });

  it('asks nobody when no time is left', async () => {
    await expect(reader.account('GA', { withinMs: 0 })).rejects.toThrow('in time');
    expect(http.asked).toEqual([]);
  });

  it('asks each server for as long as it takes when there is none', async () => {
    await expect(reader.account('GA')).rejects.toThrow(LedgerUnreachableError);
    expect(http.asked.map(({ timeoutMs }) => timeoutMs)).toEqual([10_000, 10_000]);
  });
});

const NETWORK = 'test';
const CLOSED_AT = '2030-01-01T00:00:00Z';
const payer = Keypair.random();
const other = Keypair.random();

/** As Horizon shows it, in a ledger that has its number. */
function recordOf(ledger: number, ...operations: readonly xdr.Operation[]): Record<string, unknown> {
  const builder = new TransactionBuilder(new Account(other.publicKey(), '0'), {
    fee: '100',
    networkPassphrase: NETWORK,
    timebounds: { minTime: 0, maxTime: 0 },
  });
  for (const operation of operations) builder.addOperation(operation);
  const transaction = builder.build();
  return {
    hash: Buffer.from(transaction.hash()).toString('hex'),
    successful: true,
    ledger,
    created_at: CLOSED_AT,
    source_account: other.publicKey(),
    source_account_sequence: '1',
    fee_account: other.publicKey(),
    fee_charged: '100',
    operation_count: operations.length,
    paging_token: cursorAfterLedger(ledger - 1),
    envelope_xdr: transaction.toEnvelope().toXdr('base64'),
    result_xdr: '',
    memo_type: 'none',
  };
}

const paid = (source: Keypair, amount = '1'): xdr.Operation =>
  Operation.payment({
    source: source.publicKey(),
    destination: other.publicKey(),
    asset: Asset.native(),
    amount,
  });

/** A node whose newest ledger is 50, with the ledger transactions of an account. */
class OldNode implements HttpTransport {
  readonly asked: string[] = [];

  constructor(
    private readonly transactions: readonly Record<string, unknown>[],
    private readonly movements: readonly Record<string, unknown>[] = [],
  ) {}

  send({ url }: HttpRequest): Promise<HttpAnswer> {
    const { pathname } = new URL(url);
    this.asked.push(pathname);
    const records = pathname.startsWith('/accounts') ? this.transactions : this.movements;
    const root = { network_passphrase: NETWORK, history_latest_ledger: 50 };
    const body = JSON.stringify(pathname === '/' ? root : { _embedded: { records } });
    return Promise.resolve({ status: 200, body, header: () => undefined });
  }

  stream(): Promise<never> {
    return Promise.reject(new HttpSilenceError('there are no streams'));
  }

  close(): void {
    this.asked.length = 0;
  }
}

const readerOf = (http: HttpTransport): StellarReader =>
  new StellarReader({ horizonUrls: ['http://one.test'], networkPassphrase: NETWORK, http });

describe('what left an account', () => {
  const askedOf = async (ledgers: readonly number[], notBefore: number): Promise<unknown> => {
    const http = new OldNode(ledgers.map((ledger) => recordOf(ledger, paid(other))));
    const page = await readerOf(http)
      .outflowsOf(payer.publicKey(), { cursor: '0', notBefore, limit: 3 })
      .catch((error: unknown) => error);
    if (page instanceof Error) return [page.message, http.asked.length];
    const { cursor, isLast, outflows } = page as OutflowPage;
    return [cursor, isLast, outflows.length, http.asked.length];
  };

  it('is whole up to the end of a full page, however old the node is', async () => {
    expect(await askedOf([7, 8, 9], 51)).toEqual([cursorAfterLedger(8), false, 0, 1]);
  });

  it('is whole in a page that is not full only where the node has come far enough', async () => {
    expect(await askedOf([7, 8], 50)).toEqual([cursorAfterLedger(7), true, 0, 2]);
    expect(await askedOf([7, 8], 51)).toEqual([expect.stringContaining('has not ingested ledger 51'), 2]);
  });

  it('asks nothing more of a node whose page tells of the ledger that it should have', async () => {
    expect(await askedOf([7, 8], 8)).toEqual([cursorAfterLedger(7), true, 0, 1]);
  });

  it('is read from envelopes, by one call for all payments of a ledger transaction', async () => {
    const http = new OldNode([recordOf(50, paid(payer), paid(other), paid(payer, '2.5'))]);
    const { outflows } = await readerOf(http).outflowsOf(payer.publicKey(), { cursor: '0', notBefore: 50 });
    const first = BigInt(cursorAfterLedger(49)) + 1n;
    expect(outflows).toMatchObject([
      { id: String(first), position: 0, kind: 'payment', to: other.publicKey(), amount: 10_000_000n },
      { id: String(first + 2n), position: 2, kind: 'payment', to: other.publicKey(), amount: 25_000_000n },
    ]);
    expect(http.asked).toEqual([`/accounts/${payer.publicKey()}/transactions`]);
  });

  it('is asked operation by operation where an envelope does not tell how much it was', async () => {
    const operation = Operation.pathPaymentStrictReceive({
      source: payer.publicKey(),
      sendAsset: Asset.native(),
      sendMax: '9',
      destination: other.publicKey(),
      destAsset: new Asset('USDC', other.publicKey()),
      destAmount: '3',
      path: [],
    });
    // No node tells of this one as a payment: it is in the envelope, whatever else has to be asked for.
    const offer = Operation.manageSellOffer({
      ...{ source: payer.publicKey(), selling: Asset.native(), buying: new Asset('USDC', other.publicKey()) },
      ...{ amount: '4', price: '0.0000001' },
    });
    const record = recordOf(50, paid(other), operation, offer);
    const told = {
      id: String(BigInt(cursorAfterLedger(49)) + 2n),
      type: 'path_payment_strict_receive',
      from: payer.publicKey(),
      to: other.publicKey(),
      amount: '3.0000000',
      asset_code: 'USDC',
      asset_issuer: other.publicKey(),
      source_amount: '7.0000000',
    };
    const http = new OldNode([record], [told]);
    const { outflows } = await readerOf(http).outflowsOf(payer.publicKey(), { cursor: '0', notBefore: 50 });
    expect(outflows).toMatchObject([
      { position: 1, kind: 'path-payment', asset: { code: 'XLM', issuer: '' }, amount: 70_000_000n },
      { position: 2, kind: 'offer', to: `USDC:${other.publicKey()}`, amount: 40_000_000n },
    ]);
    expect(http.asked.at(-1)).toBe(`/transactions/${String(record['hash'])}/payments`);
  });
});
