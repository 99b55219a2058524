import { formatAmount, isNative, type Asset as LedgerAsset } from '@libs/kernel';
import type {
  AttemptInstructions,
  BumpInstructions,
  LedgerKey,
  Memo as LedgerMemo,
  NoOpInstructions,
  Prepared,
  SetupInstructions,
  SetupOperation,
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

import { SigningKeys } from './signing-keys';

/** The smallest bid per operation that the protocol allows, in stroops. The inner ledger transaction always bids it. */
const INNER_FEE_RATE = '100';
const OPERATIONS_MAX = 100;

interface InnerParts {
  readonly source: LedgerKey;
  readonly sequence: bigint;
  readonly maxTime: Date;
  readonly memo: LedgerMemo | null;
  readonly operations: readonly xdr.Operation[];
  /** Everybody whose account an operation or the ledger transaction itself uses; each signs once. */
  readonly signers: readonly LedgerKey[];
}

/** Builds and signs envelopes. The same instructions give the same bytes: nothing here reads a clock or a random number. */
export class Envelopes {
  private readonly keys = new SigningKeys();

  constructor(private readonly networkPassphrase: string) {}

  attempt(instructions: AttemptInstructions): Prepared {
    const { channel, distribution, payments, memo, sequence, maxTime, feeRate } = instructions;
    const operations = payments.map(({ destination, asset, amount }) =>
      Operation.payment({
        source: distribution.address,
        destination,
        asset: toAsset(asset),
        amount: formatAmount(amount),
      }),
    );
    const inner = this.inner({
      source: channel,
      sequence,
      maxTime,
      memo,
      operations,
      signers: [channel, distribution],
    });
    return this.bumped(inner, distribution, feeRate);
  }

  /** Bumping the sequence to 0 is a success that changes nothing but the sequence number that it used. */
  noOp({ channel, distribution, sequence, maxTime, feeRate }: NoOpInstructions): Prepared {
    const operations = [Operation.bumpSequence({ bumpTo: '0' })];
    const inner = this.inner({
      source: channel,
      sequence,
      maxTime,
      memo: null,
      operations,
      signers: [channel],
    });
    return this.bumped(inner, distribution, feeRate);
  }

  bump({ payload, distribution, feeRate }: BumpInstructions): Prepared {
    const envelope = TransactionBuilder.fromXdr(payload, this.networkPassphrase);
    const inner = envelope instanceof FeeBumpTransaction ? envelope.innerTransaction : envelope;
    return this.bumped(inner, distribution, feeRate);
  }

  setup({ source, sequence, feePayer, operations, maxTime, feeRate }: SetupInstructions): Prepared {
    const signers = [source, ...operations.flatMap(signersOf)];
    const built = operations.flatMap(buildSetup);
    const inner = this.inner({ source, sequence, maxTime, memo: null, operations: built, signers });
    return this.bumped(inner, feePayer, feeRate);
  }

  private inner({ source, sequence, maxTime, memo, operations, signers }: InnerParts): Transaction {
    if (operations.length === 0 || operations.length > OPERATIONS_MAX) {
      throw new RangeError(`a ledger transaction has 1 to ${String(OPERATIONS_MAX)} operations`);
    }
    // The builder takes the next number by itself, so it is given the one before.
    const account = new Account(source.address, (sequence - 1n).toString());
    const builder = new TransactionBuilder(account, {
      fee: INNER_FEE_RATE,
      networkPassphrase: this.networkPassphrase,
      timebounds: { minTime: 0, maxTime: Math.floor(maxTime.getTime() / 1_000) },
    });
    for (const operation of operations) builder.addOperation(operation);
    if (memo !== null) builder.addMemo(toMemo(memo));
    const transaction = builder.build();
    const distinct = new Map(signers.map((key) => [key.address, key]));
    transaction.sign(...[...distinct.values()].map((key) => this.keys.of(key)));
    return transaction;
  }

  private bumped(inner: Transaction, payer: LedgerKey, feeRate: bigint): Prepared {
    const keypair = this.keys.of(payer);
    const outer = TransactionBuilder.buildFeeBumpTransaction(
      keypair,
      feeRate.toString(),
      inner,
      this.networkPassphrase,
    );
    outer.sign(keypair);
    return {
      reference: hex(inner.hash()),
      envelopeHash: hex(outer.hash()),
      payload: outer.toXdr(),
      feeBid: BigInt(outer.fee),
    };
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

function signersOf(operation: SetupOperation): LedgerKey[] {
  switch (operation.kind) {
    case 'create-sponsored-account':
      return [operation.sponsor, operation.account];
    case 'create-account':
      return [operation.funder];
    case 'change-trust':
      return [operation.account];
  }
}

function buildSetup(operation: SetupOperation): xdr.Operation[] {
  switch (operation.kind) {
    case 'create-sponsored-account': {
      const { account, sponsor } = operation;
      return [
        Operation.beginSponsoringFutureReserves({ source: sponsor.address, sponsoredId: account.address }),
        Operation.createAccount({
          source: sponsor.address,
          destination: account.address,
          startingBalance: '0',
        }),
        Operation.endSponsoringFutureReserves({ source: account.address }),
      ];
    }
    case 'create-account':
      return [
        Operation.createAccount({
          source: operation.funder.address,
          destination: operation.account,
          startingBalance: formatAmount(operation.startingBalance),
        }),
      ];
    case 'change-trust':
      return [
        Operation.changeTrust({
          source: operation.account.address,
          asset: toAsset(operation.asset),
          limit: formatAmount(operation.limit),
        }),
      ];
  }
}
