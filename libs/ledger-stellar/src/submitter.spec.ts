import { XLM } from '@libs/kernel';
import { type AttemptInstructions, ownKeyOf, type Prepared, UnknownKeyError } from '@libs/ledger';
import { FeeBumpTransaction, Keypair, TransactionBuilder } from '@stellar/stellar-sdk/base';

import { ledgerKeyFromBytes, ledgerKeyOf, newLedgerKey, SeedSigner, StellarSubmitter } from './submitter';

const PASSPHRASE = 'Standalone Network ; February 2017';
const channel = ledgerKeyFromBytes(new Uint8Array(32).fill(1));
const distribution = ledgerKeyFromBytes(new Uint8Array(32).fill(2));
const signer = new SeedSigner([channel, distribution]);
const submitter = new StellarSubmitter({
  horizonUrls: ['http://127.0.0.1:1'],
  networkPassphrase: PASSPHRASE,
  signer,
});
const recipient = ledgerKeyFromBytes(new Uint8Array(32).fill(3)).address;
const USD = { code: 'USD', issuer: ledgerKeyFromBytes(new Uint8Array(32).fill(4)).address };

const instructions: AttemptInstructions = {
  channel: channel.address,
  sequence: 9_007_199_254_740_993n,
  distribution: ownKeyOf(distribution.address),
  payments: [
    { destination: recipient, asset: USD, amount: 9_223_372_036_854_775_807n },
    { destination: recipient, asset: XLM, amount: 1n },
  ],
  memo: { type: 'hash', value: 'ab'.repeat(32) },
  maxTime: new Date('2026-11-20T22:50:00Z'),
  feeRate: 1_000n,
};

const open = (payload: string): FeeBumpTransaction => {
  const envelope = TransactionBuilder.fromXdr(payload, PASSPHRASE);
  if (!(envelope instanceof FeeBumpTransaction)) throw new Error('not a fee bump');
  return envelope;
};

const prepare = async (one = instructions): Promise<Prepared> => {
  const [prepared] = await submitter.prepare([one]);
  if (prepared === undefined) throw new Error('one instruction gives one envelope');
  return prepared;
};

describe('the envelope of an attempt', () => {
  it('carries exactly what was instructed', async () => {
    const prepared = await prepare();
    const envelope = open(prepared.payload);
    const inner = envelope.innerTransaction;
    expect(envelope).toMatchObject({ feeSource: distribution.address, fee: '3000' });
    expect(prepared.feeBid).toBe(3_000n);
    expect(inner).toMatchObject({ source: channel.address, sequence: '9007199254740993' });
    expect(inner.timeBounds).toEqual({ minTime: '0', maxTime: '1795215000' });
    expect(inner.operations).toMatchObject([
      {
        type: 'payment',
        source: distribution.address,
        destination: recipient,
        amount: '922337203685.4775807',
      },
      { type: 'payment', source: distribution.address, destination: recipient, amount: '0.0000001' },
    ]);
    expect(Buffer.from(inner.hash()).toString('hex')).toBe(prepared.reference);
    expect(Buffer.from(envelope.hash()).toString('hex')).toBe(prepared.envelopeHash);
  });

  it('is signed once by each account, with signatures that the SDK accepts', async () => {
    const envelope = open((await prepare()).payload);
    const inner = envelope.innerTransaction;
    const verifies = (address: string, hash: Uint8Array, index: number, from = inner): boolean => {
      const signature = from.signatures[index]?.signature.toBytes() ?? new Uint8Array(64);
      return Keypair.fromPublicKey(address).verify(hash, signature);
    };
    expect(inner.signatures).toHaveLength(2);
    expect(verifies(channel.address, inner.hash(), 0)).toBe(true);
    expect(verifies(distribution.address, inner.hash(), 1)).toBe(true);
    expect(verifies(channel.address, inner.hash(), 1)).toBe(false);
    expect(envelope.signatures).toHaveLength(1);
    const outer = envelope.signatures[0]?.signature.toBytes() ?? new Uint8Array(64);
    expect(Keypair.fromPublicKey(distribution.address).verify(envelope.hash(), outer)).toBe(true);
  });

  it('is signed by the key of the paying account when that is not its address', async () => {
    const rotated = newLedgerKey();
    signer.add(rotated);
    const envelope = open(
      (
        await prepare({
          ...instructions,
          distribution: { account: distribution.address, key: rotated.address },
        })
      ).payload,
    );
    expect(envelope.feeSource).toBe(distribution.address);
    const outer = envelope.signatures[0]?.signature.toBytes() ?? new Uint8Array(64);
    expect(Keypair.fromPublicKey(rotated.address).verify(envelope.hash(), outer)).toBe(true);
  });

  it('comes in the order of the instructions, each the same as alone', async () => {
    const several = [instructions, { ...instructions, sequence: 7n }, { ...instructions, memo: null }];
    const alone = [];
    for (const one of several) alone.push(await prepare(one));
    expect(await submitter.prepare(several)).toEqual(alone);
    expect(new Set(alone.map(({ reference }) => reference)).size).toBe(3);
  });

  it('is not made at all when a key is missing', async () => {
    const stranger = newLedgerKey().address;
    await expect(submitter.prepare([instructions, { ...instructions, channel: stranger }])).rejects.toEqual(
      new UnknownKeyError(stranger),
    );
  });

  it('refuses more operations than a ledger transaction can hold', async () => {
    const [payment] = instructions.payments;
    const payments = Array.from(
      { length: 101 },
      () => payment ?? { destination: recipient, asset: XLM, amount: 1n },
    );
    await expect(prepare({ ...instructions, payments })).rejects.toThrow(RangeError);
    await expect(prepare({ ...instructions, payments: [] })).rejects.toThrow(RangeError);
  });

  it('sets up nineteen sponsored accounts with twenty signatures', async () => {
    const key = newLedgerKey();
    const fresh = Array.from({ length: 19 }, newLedgerKey);
    for (const one of [key, ...fresh]) signer.add(one);
    const host = ownKeyOf(key.address);
    const operations = fresh.map(({ address: account }) => ({
      kind: 'create-sponsored-account' as const,
      account,
      sponsor: host,
    }));
    const prepared = await submitter.prepareSetup({
      source: host,
      sequence: 1n,
      feePayer: host,
      operations,
      maxTime: instructions.maxTime,
      feeRate: 100n,
    });
    expect(open(prepared.payload).innerTransaction.signatures).toHaveLength(20);
  });
});

describe('a key', () => {
  it('is read from its seed as the SDK reads it', () => {
    const keypair = Keypair.random();
    expect(ledgerKeyOf(keypair.secret()).address).toBe(keypair.publicKey());
  });

  it('is refused without showing it', () => {
    expect(() => ledgerKeyOf('SECRET')).toThrow('not a Stellar secret seed');
  });
});

describe('a server that does not answer', () => {
  it('is silence, not an error', async () => {
    expect(await submitter.submit((await prepare()).payload)).toMatchObject({ kind: 'silent' });
  });

  it('proves nothing', async () => {
    const { reference } = await prepare();
    const lastSeen = { sequence: 1, hash: 'a'.repeat(64) };
    const { sequence, maxTime } = instructions;
    const query = { reference, channel: channel.address, sequence, maxTime, lastSeen };
    expect(await submitter.lookup(query)).toEqual({ kind: 'notYet', contradiction: false });
  });
});
