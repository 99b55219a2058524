import {
  Account,
  Asset,
  Claimant,
  Keypair,
  MuxedAccount,
  Networks,
  Operation,
  StrKey,
  type Transaction,
  TransactionBuilder,
  xdr,
} from '@stellar/stellar-sdk/base';

import { movementsIn, TOLD_BY_RESULT } from './envelope-movements';

const payer = Keypair.random();
const other = Keypair.random();
const from = payer.publicKey();
const to = other.publicKey();
const USDC = new Asset('USDC', to);
const LONG = new Asset('LONGERCODE', to);
const XLM = { code: 'XLM', issuer: '' };

function transactionOf(source: string, ...operations: readonly xdr.Operation[]): Transaction {
  const builder = new TransactionBuilder(new Account(source, '0'), {
    fee: '100',
    networkPassphrase: Networks.TESTNET,
    timebounds: { minTime: 0, maxTime: 0 },
  });
  for (const operation of operations) builder.addOperation(operation);
  return builder.build();
}

const base64 = (transaction: Pick<Transaction, 'toEnvelope'>): string =>
  transaction.toEnvelope().toXdr('base64');

const payment = (source: string, asset = Asset.native(), destination = to): xdr.Operation =>
  Operation.payment({ source, destination, asset, amount: '12.3456789' });

const movedOf = (...operations: readonly xdr.Operation[]) =>
  movementsIn(base64(transactionOf(to, ...operations)), operations.length, from);

describe('what an envelope took out of an account', () => {
  it('is each payment that the account is the source of, in any asset, by its place', () => {
    const amount = 123_456_789n;
    expect(movedOf(payment(to), payment(from), payment(from, USDC), payment(from, LONG))).toEqual([
      null,
      { kind: 'payment', to, asset: XLM, amount },
      { kind: 'payment', to, asset: { code: 'USDC', issuer: to }, amount },
      { kind: 'payment', to, asset: { code: 'LONGERCODE', issuer: to }, amount },
    ]);
  });

  it('is the account behind a multiplexed address, on either side', () => {
    const muxed = (account: string): string => new MuxedAccount(new Account(account, '0'), '7').accountId();
    expect(movedOf(payment(muxed(from), Asset.native(), muxed(to)))).toMatchObject([{ to }]);
  });

  it('is what the ledger transaction is the source of, where an operation names none', () => {
    const operation = Operation.payment({ destination: to, asset: Asset.native(), amount: '1' });
    const inner = transactionOf(from, operation);
    const bump = TransactionBuilder.buildFeeBumpTransaction(other, '1000', inner, Networks.TESTNET);
    const paid = [{ kind: 'payment', to, asset: XLM, amount: 10_000_000n }];
    expect(movementsIn(base64(inner), 1, from)).toEqual(paid);
    expect(movementsIn(base64(bump), 1, from)).toEqual(paid);
    expect(movementsIn(base64(bump), 1, to)).toEqual([null]);
  });

  it('is a new account, a merge, a path payment and a claimable balance, too', () => {
    const source = from;
    const claimants = [new Claimant(to), new Claimant(from)];
    expect(
      movedOf(
        Operation.createAccount({ source, destination: to, startingBalance: '0' }),
        Operation.accountMerge({ source, destination: to }),
        Operation.pathPaymentStrictSend({
          ...{ source, destination: to, sendAsset: USDC, sendAmount: '5', path: [] },
          ...{ destAsset: Asset.native(), destMin: '1' },
        }),
        Operation.createClaimableBalance({ source, asset: USDC, amount: '2', claimants }),
      ),
    ).toEqual([
      { kind: 'create-account', to, asset: XLM, amount: 0n },
      { kind: 'merge', to, asset: XLM, amount: null },
      { kind: 'path-payment', to, asset: { code: 'USDC', issuer: to }, amount: 50_000_000n },
      {
        kind: 'claimable-balance',
        to: `${to}, ${from}`,
        asset: { code: 'USDC', issuer: to },
        amount: 20_000_000n,
      },
    ]);
  });

  it('is an offer, at most what it can take, a deposit into a pool and a call of a contract, too', () => {
    const source = from;
    const offer = { source, selling: USDC, buying: Asset.native() };
    const [pool, contract] = ['ab'.repeat(32), StrKey.encodeContract(Buffer.alloc(32, 7))];
    const sold = { kind: 'offer', to: 'XLM', asset: { code: 'USDC', issuer: to } };
    expect(
      movedOf(
        Operation.manageSellOffer({ ...offer, amount: '5', price: '2' }),
        Operation.createPassiveSellOffer({ ...offer, amount: '6', price: '2' }),
        Operation.manageBuyOffer({ ...offer, buyAmount: '1', price: { n: 2, d: 3 } }),
        Operation.liquidityPoolDeposit({
          ...{ source, liquidityPoolId: pool, maxAmountA: '1', maxAmountB: '2' },
          ...{ minPrice: '1', maxPrice: '1' },
        }),
        Operation.invokeContractFunction({ source, contract, function: 'transfer', args: [] }),
      ),
    ).toEqual([
      { ...sold, amount: 50_000_000n },
      { ...sold, amount: 60_000_000n },
      { ...sold, amount: 6_666_667n },
      { kind: 'pool-deposit', to: pool, asset: null, amount: null },
      { kind: 'contract', to: contract, asset: null, amount: null },
    ]);
  });

  it('is nothing where an operation takes nothing, as an offer that is taken back', () => {
    expect(
      movedOf(
        Operation.bumpSequence({ source: from, bumpTo: '5' }),
        Operation.manageSellOffer({
          ...{ source: from, selling: USDC, buying: Asset.native(), amount: '0', price: '1', offerId: '7' },
        }),
        Operation.manageSellOffer({
          ...{ source: to, selling: USDC, buying: Asset.native(), amount: '1', price: '1' },
        }),
      ),
    ).toEqual([null, null, null]);
  });

  it('is not told where only the result says how much it was', () => {
    const path = (source: string): xdr.Operation =>
      Operation.pathPaymentStrictReceive({
        ...{ source, destination: to, sendAsset: Asset.native(), sendMax: '9', path: [] },
        ...{ destAsset: USDC, destAmount: '3' },
      });
    expect(movedOf(payment(from), path(from))).toEqual([expect.anything(), TOLD_BY_RESULT]);
    expect(movedOf(path(to))).toEqual([null]);
  });

  it('is not told by what cannot be read, or has other operations than the ledger transaction', () => {
    const envelope = base64(transactionOf(from, payment(from)));
    expect(movementsIn(envelope, 2, from)).toBeNull();
    expect(movementsIn(envelope.slice(0, -8), 1, from)).toBeNull();
    expect(movementsIn('', 1, from)).toBeNull();
  });
});
