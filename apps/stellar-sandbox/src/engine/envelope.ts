import { createHash } from 'node:crypto';

import { xdr } from '@stellar/stellar-sdk';

import { addressOfKey, type Party, partyOf } from './addresses';

export interface Signed {
  readonly hash: Buffer;
  readonly hashHex: string;
  readonly signatures: readonly xdr.DecoratedSignature[];
}

export interface Preconditions {
  readonly timeBounds: xdr.TimeBounds | null;
  readonly ledgerBounds: xdr.LedgerBounds | null;
  readonly minSequence: bigint | null;
  readonly minSequenceAge: bigint;
  readonly minSequenceLedgerGap: number;
  readonly extraSigners: readonly xdr.SignerKey[];
}

export interface LedgerOperation {
  /** Who acts: the operation's own source, or the one of the ledger transaction. */
  readonly source: Party;
  readonly hasOwnSource: boolean;
  readonly body: xdr.OperationBody;
}

export interface InnerTransaction extends Signed {
  readonly source: Party;
  /** The bid for all its operations, in stroops. */
  readonly feeBid: bigint;
  readonly sequence: bigint;
  readonly conditions: Preconditions;
  readonly memo: xdr.Memo;
  readonly operations: readonly LedgerOperation[];
}

export interface FeeBump extends Signed {
  readonly feeSource: Party;
  readonly feeBid: bigint;
}

/** An envelope as it was sent: a ledger transaction, alone or inside a fee bump. */
export interface LedgerTransaction {
  readonly raw: Buffer;
  readonly inner: InnerTransaction;
  readonly bump: FeeBump | null;
  /** The hash that the sender knows it by: the outer one of a fee bump. */
  readonly hashHex: string;
  readonly hash: Buffer;
  readonly feeSource: Party;
  readonly feeBid: bigint;
  /** Operations as the queue counts them: a fee bump counts one more. */
  readonly weight: number;
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const networkIdOf = (passphrase: string): Buffer => sha256(Buffer.from(passphrase, 'utf8'));

const NO_CONDITIONS: Preconditions = {
  timeBounds: null,
  ledgerBounds: null,
  minSequence: null,
  minSequenceAge: 0n,
  minSequenceLedgerGap: 0,
  extraSigners: [],
};

function conditionsOf(cond: xdr.Preconditions): Preconditions {
  switch (cond.type) {
    case 'precondNone':
      return NO_CONDITIONS;
    case 'precondTime':
      return { ...NO_CONDITIONS, timeBounds: cond.timeBounds };
    case 'precondV2':
      return {
        timeBounds: cond.v2.timeBounds,
        ledgerBounds: cond.v2.ledgerBounds,
        minSequence: cond.v2.minSeqNum,
        minSequenceAge: cond.v2.minSeqAge,
        minSequenceLedgerGap: cond.v2.minSeqLedgerGap,
        extraSigners: cond.v2.extraSigners,
      };
  }
}

const operationsOf = (operations: readonly xdr.Operation[], source: Party): LedgerOperation[] =>
  operations.map((operation) => ({
    source: operation.sourceAccount === null ? source : partyOf(operation.sourceAccount),
    hasOwnSource: operation.sourceAccount !== null,
    body: operation.body,
  }));

const signaturesLength = (signatures: readonly xdr.DecoratedSignature[]): number =>
  signatures.reduce((sum, { signature }) => sum + 8 + Math.ceil(signature.value.length / 4) * 4, 4);

const ENVELOPE_TYPE_TX = Buffer.from([0, 0, 0, 2]);

/**
 * The hash covers the network id, the envelope's type and the ledger transaction without its signatures. In an
 * envelope these bytes already stand side by side, so nothing is encoded again.
 */
function innerOfV1(networkId: Buffer, envelope: xdr.TransactionV1Envelope, raw: Buffer): InnerTransaction {
  const { tx, signatures } = envelope;
  const source = partyOf(tx.sourceAccount);
  const hash = sha256(networkId, raw.subarray(0, raw.length - signaturesLength(signatures)));
  return {
    hash,
    hashHex: hash.toString('hex'),
    signatures,
    source,
    feeBid: BigInt(tx.fee),
    sequence: tx.seqNum,
    conditions: conditionsOf(tx.cond),
    memo: tx.memo,
    operations: operationsOf(tx.operations, source),
  };
}

/** The old form, hashed as the new one: the key gets its type, and optional bounds are encoded alike. */
function innerOfV0(networkId: Buffer, envelope: xdr.TransactionV0Envelope, raw: Buffer): InnerTransaction {
  const { tx, signatures } = envelope;
  const account = addressOfKey(tx.sourceAccountEd25519.value);
  const source: Party = { account, muxed: null, muxedId: null };
  const body = raw.subarray(4, raw.length - signaturesLength(signatures));
  const hash = sha256(networkId, ENVELOPE_TYPE_TX, Buffer.alloc(4), body);
  return {
    hash,
    hashHex: hash.toString('hex'),
    signatures,
    source,
    feeBid: BigInt(tx.fee),
    sequence: tx.seqNum,
    conditions: { ...NO_CONDITIONS, timeBounds: tx.timeBounds },
    memo: tx.memo,
    operations: operationsOf(tx.operations, source),
  };
}

function bumped(networkId: Buffer, envelope: xdr.FeeBumpTransactionEnvelope, raw: Buffer): LedgerTransaction {
  const { tx, signatures } = envelope;
  const end = raw.length - signaturesLength(signatures);
  const hash = sha256(networkId, raw.subarray(0, end));
  const feeSourceLength = tx.feeSource.type === 'keyTypeEd25519' ? 36 : 44;
  const inner = innerOfV1(networkId, tx.innerTx.v1, raw.subarray(4 + feeSourceLength + 8, end - 4));
  const feeSource = partyOf(tx.feeSource);
  const hashHex = hash.toString('hex');
  const bump: FeeBump = { hash, hashHex, signatures, feeSource, feeBid: tx.fee };
  return {
    raw,
    inner,
    bump,
    hash,
    hashHex,
    feeSource,
    feeBid: tx.fee,
    weight: inner.operations.length + 1,
  };
}

function alone(raw: Buffer, inner: InnerTransaction): LedgerTransaction {
  return {
    raw,
    inner,
    bump: null,
    hash: inner.hash,
    hashHex: inner.hashHex,
    feeSource: inner.source,
    feeBid: inner.feeBid,
    weight: inner.operations.length,
  };
}

/** Reads an envelope, or `null` when the bytes are not exactly one. */
export function decodeEnvelope(raw: Buffer, networkId: Buffer): LedgerTransaction | null {
  let envelope: xdr.TransactionEnvelope;
  try {
    envelope = xdr.TransactionEnvelope.fromXdr(raw);
  } catch {
    return null;
  }
  switch (envelope.type) {
    case 'envelopeTypeTx':
      return alone(raw, innerOfV1(networkId, envelope.v1, raw));
    case 'envelopeTypeTxV0':
      return alone(raw, innerOfV0(networkId, envelope.v0, raw));
    case 'envelopeTypeTxFeeBump':
      return bumped(networkId, envelope.feeBump, raw);
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function decodeBase64Envelope(text: string, networkId: Buffer): LedgerTransaction | null {
  if (text === '' || !BASE64.test(text)) return null;
  return decodeEnvelope(Buffer.from(text, 'base64'), networkId);
}
