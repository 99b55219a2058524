import { formatAmount, isNative, type Asset as LedgerAsset } from '@libs/kernel';
import {
  type AccountKey,
  type AttemptInstructions,
  type BumpInstructions,
  type Memo as LedgerMemo,
  type NoOpInstructions,
  ownKeyOf,
  type Prepared,
  type SetupInstructions,
  type SetupOperation,
  type Signer,
} from '@libs/ledger';
import {
  Account,
  Asset,
  FeeBumpTransaction,
  Memo,
  Operation,
  type Transaction,
  TransactionBuilder,
  type xdr,
} from '@stellar/stellar-sdk/base';

import { PaymentXdr } from './payment-xdr';
import { Signatures } from './signatures';

/** The smallest bid per operation that the protocol allows, in stroops. The inner ledger transaction always bids it. */
const INNER_FEE_RATE = '100';
const MIN_FEE_RATE = BigInt(INNER_FEE_RATE);
const OPERATIONS_MAX = 100;
/** Reaches every threshold that an account can have. */
const FULL_WEIGHT = 255;

interface InnerParts {
  readonly source: string;
  readonly sequence: bigint;
  readonly maxTime: Date;
  readonly memo: LedgerMemo | null;
  readonly operations: readonly xdr.Operation[];
  /** The keys of everybody whose account an operation or the ledger transaction itself uses; each signs once. */
  readonly keys: readonly string[];
  readonly payer: AccountKey;
  readonly feeRate: bigint;
}

interface Bump {
  readonly inner: Transaction;
  readonly payer: AccountKey;
  readonly feeRate: bigint;
}

/** Builds envelopes and has them signed. The same instructions give the same bytes: nothing here reads a clock or a random number. */
export class Envelopes {
  private readonly signatures: Signatures;
  private readonly payments: PaymentXdr;

  constructor(
    private readonly networkPassphrase: string,
    signer: Signer,
  ) {
    this.payments = new PaymentXdr(networkPassphrase);
    this.signatures = new Signatures(signer);
  }

  async attempts(instructions: readonly AttemptInstructions[]): Promise<readonly Prepared[]> {
    const inners = instructions.map((one) => ({ ...one, unsigned: this.payments.inner(one) }));
    const signed = await this.signatures.of(
      inners.map(({ unsigned, channel, distribution }) => ({
        digest: unsigned.hash,
        keys: [...new Set([channel, distribution.key])],
      })),
    );
    const outers = inners.map(({ unsigned: inner, payments, distribution, feeRate }, index) => {
      if (feeRate < MIN_FEE_RATE) throw new RangeError('a bid is at least the smallest of the protocol');
      // The fee bump counts as one more operation.
      const feeBid = feeRate * BigInt(payments.length + 1);
      const unsigned = this.payments.feeBump(distribution.account, feeBid, inner, signed[index] ?? []);
      return { inner, unsigned, feeBid, keys: [distribution.key] };
    });
    const bumped = await this.signatures.of(
      outers.map(({ unsigned, keys }) => ({ digest: unsigned.hash, keys })),
    );
    return outers.map(({ inner, unsigned, feeBid }, index) => ({
      reference: hex(inner.hash),
      envelopeHash: hex(unsigned.hash),
      payload: this.payments.envelope(unsigned, bumped[index] ?? []),
      feeBid,
    }));
  }

  /** Bumping the sequence to 0 is a success that changes nothing but the sequence number that it used. */
  async noOps(instructions: readonly NoOpInstructions[]): Promise<readonly Prepared[]> {
    return await this.prepare(
      instructions.map(({ channel, distribution, sequence, maxTime, feeRate }) => ({
        source: channel,
        sequence,
        maxTime,
        memo: null,
        operations: [Operation.bumpSequence({ bumpTo: '0' })],
        keys: [channel],
        payer: distribution,
        feeRate,
      })),
    );
  }

  async bumps(instructions: readonly BumpInstructions[]): Promise<readonly Prepared[]> {
    return await this.bumped(
      instructions.map(({ payload, distribution, feeRate }) => {
        const envelope = TransactionBuilder.fromXdr(payload, this.networkPassphrase);
        const inner = envelope instanceof FeeBumpTransaction ? envelope.innerTransaction : envelope;
        return { inner, payer: distribution, feeRate };
      }),
    );
  }

  async setup(instructions: SetupInstructions): Promise<Prepared> {
    const { source, sequence, feePayer, operations, maxTime, feeRate } = instructions;
    const [prepared] = await this.prepare([
      {
        source: source.account,
        sequence,
        maxTime,
        memo: null,
        operations: operations.flatMap(buildSetup),
        keys: [source.key, ...operations.flatMap(keysOf)],
        payer: feePayer,
        feeRate,
      },
    ]);
    if (prepared === undefined) throw new Error('one instruction gives one envelope');
    return prepared;
  }

  private async prepare(parts: readonly InnerParts[]): Promise<readonly Prepared[]> {
    const inners = parts.map((one) => this.inner(one));
    await this.signatures.put(
      inners.map((transaction, index) => ({ transaction, keys: [...new Set(parts[index]?.keys)] })),
    );
    return await this.bumped(
      parts.flatMap(({ payer, feeRate }, index) => {
        const inner = inners[index];
        return inner === undefined ? [] : [{ inner, payer, feeRate }];
      }),
    );
  }

  private inner({ source, sequence, maxTime, memo, operations }: InnerParts): Transaction {
    if (operations.length === 0 || operations.length > OPERATIONS_MAX) {
      throw new RangeError(`a ledger transaction has 1 to ${String(OPERATIONS_MAX)} operations`);
    }
    // The builder takes the next number by itself, so it is given the one before.
    const account = new Account(source, (sequence - 1n).toString());
    const builder = new TransactionBuilder(account, {
      fee: INNER_FEE_RATE,
      networkPassphrase: this.networkPassphrase,
      timebounds: { minTime: 0, maxTime: Math.floor(maxTime.getTime() / 1_000) },
    });
    for (const operation of operations) builder.addOperation(operation);
    if (memo !== null) builder.addMemo(toMemo(memo));
    return builder.build();
  }

  private async bumped(bumps: readonly Bump[]): Promise<readonly Prepared[]> {
    const outers = bumps.map(({ inner, payer, feeRate }) => ({
      inner,
      key: payer.key,
      outer: TransactionBuilder.buildFeeBumpTransaction(
        payer.account,
        feeRate.toString(),
        inner,
        this.networkPassphrase,
      ),
    }));
    await this.signatures.put(outers.map(({ outer, key }) => ({ transaction: outer, keys: [key] })));
    return outers.map(({ inner, outer }) => ({
      reference: hex(inner.hash()),
      envelopeHash: hex(outer.hash()),
      payload: outer.toXdr(),
      feeBid: BigInt(outer.fee),
    }));
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const toAsset = (asset: LedgerAsset): Asset =>
  isNative(asset) ? Asset.native() : new Asset(asset.code, asset.issuer);

function toMemo(memo: LedgerMemo): Memo {
  switch (memo.type) {
    case 'text':
      return Memo.text(memo.value);
    case 'id':
      return Memo.id(memo.value);
    case 'hash':
      return Memo.hash(memo.value);
    case 'return':
      return Memo.return(memo.value);
  }
}

function keysOf(operation: SetupOperation): string[] {
  switch (operation.kind) {
    case 'create-sponsored-account':
      return [operation.sponsor.key, ownKeyOf(operation.account).key];
    case 'create-account':
      return [operation.funder.key];
    case 'change-trust':
    case 'merge-account':
    case 'replace-key':
      return [operation.account.key];
  }
}

function buildSetup(operation: SetupOperation): xdr.Operation[] {
  switch (operation.kind) {
    case 'create-sponsored-account': {
      const { account, sponsor } = operation;
      return [
        Operation.beginSponsoringFutureReserves({ source: sponsor.account, sponsoredId: account }),
        Operation.createAccount({ source: sponsor.account, destination: account, startingBalance: '0' }),
        Operation.endSponsoringFutureReserves({ source: account }),
      ];
    }
    case 'create-account':
      return [
        Operation.createAccount({
          source: operation.funder.account,
          destination: operation.account,
          startingBalance: formatAmount(operation.startingBalance),
        }),
      ];
    case 'change-trust':
      return [
        Operation.changeTrust({
          source: operation.account.account,
          asset: toAsset(operation.asset),
          limit: formatAmount(operation.limit),
        }),
      ];
    case 'merge-account':
      return [Operation.accountMerge({ source: operation.account.account, destination: operation.into })];
    case 'replace-key':
      return replaceKey(operation.account, operation.newKey);
  }
}

/** The key that an account was born with is not a signer like others: it is its master weight. */
function replaceKey({ account, key }: AccountKey, newKey: string): xdr.Operation[] {
  const weigh = (one: string, weight: number): xdr.Operation =>
    one === account
      ? Operation.setOptions({ source: account, masterWeight: weight })
      : Operation.setOptions({ source: account, signer: { ed25519PublicKey: one, weight } });
  // The new key first: at no moment does the account lack one.
  return [weigh(newKey, FULL_WEIGHT), weigh(key, 0)];
}
