import { formatAmount, isNative, XLM } from '@libs/kernel';
import { accountAddressOf, type AttemptInstructions, type Memo } from '@libs/ledger';
import {
  Account,
  Asset,
  Keypair,
  Memo as SdkMemo,
  Operation,
  TransactionBuilder,
} from '@stellar/stellar-sdk/base';
import fc from 'fast-check';

import { ledgerKeyFromBytes, SeedSigner, StellarSubmitter } from './submitter';

const PASSPHRASE = 'Standalone Network ; February 2017';
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const address = bytes32.map((bytes) => accountAddressOf(bytes));
const asset = fc.oneof(
  fc.constant(XLM),
  fc.record({ code: fc.stringMatching(/^[A-Za-z0-9]{1,12}$/), issuer: address }),
);
const memo: fc.Arbitrary<Memo | null> = fc.oneof(
  fc.constant(null),
  fc.record({
    type: fc.constant('text' as const),
    value: fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => Buffer.byteLength(text) <= 28),
  }),
  fc.record({ type: fc.constant('id' as const), value: fc.bigInt(0n, UINT64_MAX).map(String) }),
  fc.record({
    type: fc.constantFrom('hash' as const, 'return' as const),
    value: bytes32.map((bytes) => Buffer.from(bytes).toString('hex')),
  }),
);
const payment = fc.record({ destination: address, asset, amount: fc.bigInt(1n, INT64_MAX) });
const scene = fc.record({
  channelSeed: bytes32,
  payingSeed: bytes32,
  /** Set when the key of the paying account was rotated. */
  payingAccount: fc.option(address),
  sequence: fc.bigInt(1n, INT64_MAX),
  payments: fc.array(payment, { minLength: 1, maxLength: 100 }),
  memo,
  maxTime: fc.date({ min: new Date(0), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true }),
  feeRate: fc.bigInt(100n, 10_000_000n),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function instructionsOf(given: Scene): AttemptInstructions {
  const key = ledgerKeyFromBytes(given.payingSeed).address;
  return {
    ...given,
    channel: ledgerKeyFromBytes(given.channelSeed).address,
    distribution: { account: given.payingAccount ?? key, key },
  };
}

/** The same by the SDK alone, its own signer included. */
function bySdk(given: Scene): { payload: string; reference: string; envelopeHash: string; feeBid: bigint } {
  const { channel, distribution, payments, sequence, maxTime, feeRate } = instructionsOf(given);
  const [channelKey, payingKey] = [given.channelSeed, given.payingSeed].map((seed) =>
    Keypair.fromRawEd25519Seed(Buffer.from(seed)),
  );
  if (channelKey === undefined || payingKey === undefined) throw new Error('there are two seeds');
  const builder = new TransactionBuilder(new Account(channel, String(sequence - 1n)), {
    fee: '100',
    networkPassphrase: PASSPHRASE,
    timebounds: { minTime: 0, maxTime: Math.floor(maxTime.getTime() / 1_000) },
  });
  for (const one of payments) {
    builder.addOperation(
      Operation.payment({
        source: distribution.account,
        destination: one.destination,
        asset: isNative(one.asset) ? Asset.native() : new Asset(one.asset.code, one.asset.issuer),
        amount: formatAmount(one.amount),
      }),
    );
  }
  if (given.memo !== null) builder.addMemo(SdkMemo[given.memo.type](given.memo.value));
  const inner = builder.build();
  inner.sign(...(channelKey.publicKey() === payingKey.publicKey() ? [payingKey] : [channelKey, payingKey]));
  const outer = TransactionBuilder.buildFeeBumpTransaction(
    distribution.account,
    String(feeRate),
    inner,
    PASSPHRASE,
  );
  outer.sign(payingKey);
  return {
    payload: outer.toXdr(),
    reference: Buffer.from(inner.hash()).toString('hex'),
    envelopeHash: Buffer.from(outer.hash()).toString('hex'),
    feeBid: BigInt(outer.fee),
  };
}

function submitterOf(given: Scene): StellarSubmitter {
  const keys = [given.channelSeed, given.payingSeed].map((seed) => ledgerKeyFromBytes(seed));
  return new StellarSubmitter({
    horizonUrls: ['http://127.0.0.1:1'],
    networkPassphrase: PASSPHRASE,
    signer: new SeedSigner(keys),
  });
}

const ONE: Scene = {
  channelSeed: new Uint8Array(32).fill(1),
  payingSeed: new Uint8Array(32).fill(2),
  payingAccount: null,
  sequence: 1n,
  payments: [{ destination: accountAddressOf(new Uint8Array(32).fill(3)), asset: XLM, amount: 1n }],
  memo: null,
  maxTime: new Date('2026-11-20T22:50:00Z'),
  feeRate: 100n,
};

describe('payments written as the network reads them', () => {
  it('are the bytes, hashes and fees of the official SDK, whatever is paid', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const [prepared] = await submitterOf(given).prepare([instructionsOf(given)]);
        expect(prepared).toEqual(bySdk(given));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('are signed once when the channel account pays by itself', async () => {
    const given = { ...ONE, payingSeed: ONE.channelSeed };
    const [prepared] = await submitterOf(given).prepare([instructionsOf(given)]);
    expect(prepared).toEqual(bySdk(given));
  });

  it.each<[string, Partial<Scene>]>([
    ['no payment', { payments: [] }],
    ['101 payments', { payments: Array.from({ length: 101 }, () => ONE.payments).flat() }],
    [
      'an amount of 0',
      { payments: [{ destination: ONE.payments[0]?.destination ?? '', asset: XLM, amount: 0n }] },
    ],
    ['a destination that is none', { payments: [{ destination: 'GABC', asset: XLM, amount: 1n }] }],
    ['a memo of 29 bytes', { memo: { type: 'text', value: 'x'.repeat(29) } }],
    ['a memo hash of 31 bytes', { memo: { type: 'hash', value: 'ab'.repeat(31) } }],
    ['a bid below the smallest', { feeRate: 99n }],
  ])('are refused with %s', async (_what, change) => {
    const given = { ...ONE, ...change };
    await expect(submitterOf(given).prepare([instructionsOf(given)])).rejects.toThrow(RangeError);
  });
});
