import { type Asset, isNative } from '@libs/kernel';
import { type AttemptInstructions, type Memo, publicKeyOf } from '@libs/ledger';
import { createHash } from 'node:crypto';

/** A signature with the last bytes of its public key, by which a node finds the signer. */
export interface HintedSignature {
  readonly hint: Uint8Array;
  readonly signature: Uint8Array;
}

/** A ledger transaction without its signatures, and the hash that they sign. */
export interface Unsigned {
  readonly bytes: Buffer;
  readonly hash: Uint8Array;
}

/** The names are those of the protocol's XDR. */
const ENVELOPE_TYPE_TX = 2;
const ENVELOPE_TYPE_TX_FEE_BUMP = 5;
const KEY_TYPE_ED25519 = 0;
const PRECOND_TIME = 1;
const PAYMENT = 1;
const ASSET_TYPE = { native: 0, alphanum4: 1, alphanum12: 2 } as const;
const MEMO_TYPE = { none: 0, text: 1, id: 2, hash: 3, return: 4 } as const;

const INNER_FEE_RATE = 100;
const OPERATIONS_MAX = 100;
const TEXT_BYTES_MAX = 28;
const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;
const SHORT_CODE_MAX = 4;
const LONG_CODE_MAX = 12;
/** The most bytes that an operation takes, and that everything around the operations takes. */
const OPERATION_BYTES_MAX = 144;
const FRAME_BYTES_MAX = 600;
const PUBLIC_KEYS_KEPT_MAX = 1_024;

/**
 * Writes payments and the fee bump around them as the network reads them (XDR of `Transaction` and `FeeBumpTransaction`).
 *
 * By hand, because building them with the SDK's general codec takes most of the time that a payment costs us. It gives the SDK's
 * bytes, which a property test compares; whatever is not a payment is built with the SDK.
 */
export class PaymentXdr {
  private readonly networkId: Uint8Array;
  /** The keys of paying and issuing accounts, which come again and again. Destinations hardly do. */
  private readonly keys = new Map<string, Uint8Array>();

  constructor(networkPassphrase: string) {
    this.networkId = createHash('sha256').update(networkPassphrase).digest();
  }

  /** The inner ledger transaction: its operations pay from the distribution account, its number is the channel account's. */
  inner({
    channel,
    sequence,
    distribution,
    payments,
    memo,
    maxTime,
  }: Omit<AttemptInstructions, 'feeRate'>): Unsigned {
    if (payments.length === 0 || payments.length > OPERATIONS_MAX) {
      throw new RangeError(`a ledger transaction has 1 to ${String(OPERATIONS_MAX)} operations`);
    }
    const payer = this.keyOf(distribution.account);
    const writer = new XdrWriter(FRAME_BYTES_MAX + payments.length * OPERATION_BYTES_MAX);
    writer.account(this.keyOf(channel));
    writer.uint32(INNER_FEE_RATE * payments.length);
    writer.int64(sequence);
    writer.uint32(PRECOND_TIME);
    writer.int64(0n);
    writer.int64(BigInt(Math.floor(maxTime.getTime() / 1_000)));
    writeMemo(writer, memo);
    writer.uint32(payments.length);
    for (const { destination, asset, amount } of payments) {
      if (amount <= 0n) throw new RangeError('an amount is positive');
      writer.uint32(1);
      writer.account(payer);
      writer.uint32(PAYMENT);
      writer.account(keyOrThrow(destination));
      this.writeAsset(writer, asset);
      writer.int64(amount);
    }
    writer.uint32(0);
    return this.unsigned(ENVELOPE_TYPE_TX, writer.written());
  }

  /** The fee bump around a signed inner ledger transaction. `fee` is the whole of it, in stroops. */
  feeBump(payer: string, fee: bigint, inner: Unsigned, signatures: readonly HintedSignature[]): Unsigned {
    const writer = new XdrWriter(FRAME_BYTES_MAX + inner.bytes.length + signaturesBytes(signatures));
    writer.account(this.keyOf(payer));
    writer.int64(fee);
    writer.uint32(ENVELOPE_TYPE_TX);
    writer.fixed(inner.bytes);
    writer.signatures(signatures);
    writer.uint32(0);
    return this.unsigned(ENVELOPE_TYPE_TX_FEE_BUMP, writer.written());
  }

  /** The signed fee bump, as base64: what is posted. */
  envelope(feeBump: Unsigned, signatures: readonly HintedSignature[]): string {
    const writer = new XdrWriter(FRAME_BYTES_MAX + feeBump.bytes.length + signaturesBytes(signatures));
    writer.uint32(ENVELOPE_TYPE_TX_FEE_BUMP);
    writer.fixed(feeBump.bytes);
    writer.signatures(signatures);
    return writer.written().toString('base64');
  }

  private unsigned(type: number, bytes: Buffer): Unsigned {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(type);
    const hash = createHash('sha256').update(this.networkId).update(prefix).update(bytes).digest();
    return { bytes, hash };
  }

  private writeAsset(writer: XdrWriter, asset: Asset): void {
    if (isNative(asset)) {
      writer.uint32(ASSET_TYPE.native);
      return;
    }
    const { code, issuer } = asset;
    if (!/^[A-Za-z0-9]{1,12}$/.test(code))
      throw new RangeError('an asset code has 1 to 12 letters and digits');
    const short = code.length <= SHORT_CODE_MAX;
    writer.uint32(short ? ASSET_TYPE.alphanum4 : ASSET_TYPE.alphanum12);
    writer.ascii(code, short ? SHORT_CODE_MAX : LONG_CODE_MAX);
    writer.account(this.keyOf(issuer));
  }

  private keyOf(address: string): Uint8Array {
    const known = this.keys.get(address);
    if (known !== undefined) return known;
    const key = keyOrThrow(address);
    if (this.keys.size >= PUBLIC_KEYS_KEPT_MAX) this.keys.delete(this.keys.keys().next().value ?? '');
    this.keys.set(address, key);
    return key;
  }
}

function keyOrThrow(address: string): Uint8Array {
  const key = publicKeyOf(address);
  if (key === null) throw new RangeError('not the address of an account');
  return key;
}

function writeMemo(writer: XdrWriter, memo: Memo | null): void {
  writer.uint32(MEMO_TYPE[memo?.type ?? 'none']);
  switch (memo?.type) {
    case undefined:
      break;
    case 'text': {
      const text = Buffer.from(memo.value, 'utf8');
      if (text.length > TEXT_BYTES_MAX) throw new RangeError('a text memo has at most 28 bytes');
      writer.opaque(text);
      break;
    }
    case 'id':
      writer.uint64(BigInt(memo.value));
      break;
    case 'hash':
    case 'return': {
      const hash = Buffer.from(memo.value, 'hex');
      if (hash.length !== HASH_BYTES) throw new RangeError('a memo hash has 32 bytes');
      writer.fixed(hash);
    }
  }
}

const signaturesBytes = (signatures: readonly HintedSignature[]): number =>
  signatures.length * (SIGNATURE_BYTES + 8);

/** Big-endian numbers, and bytes filled up to a multiple of four. */
class XdrWriter {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(bytesMax: number) {
    // Zeros, so that filling up is moving on.
    this.buffer = Buffer.alloc(bytesMax);
  }

  written(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  uint32(value: number): void {
    this.at = this.buffer.writeUInt32BE(value, this.at);
  }

  int64(value: bigint): void {
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }

  uint64(value: bigint): void {
    this.at = this.buffer.writeBigUInt64BE(value, this.at);
  }

  fixed(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  opaque(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.fixed(bytes);
    this.at = Math.ceil(this.at / 4) * 4;
  }

  ascii(text: string, length: number): void {
    this.buffer.write(text, this.at, 'latin1');
    this.at += length;
  }

  account(publicKey: Uint8Array): void {
    this.uint32(KEY_TYPE_ED25519);
    this.fixed(publicKey);
  }

  signatures(signatures: readonly HintedSignature[]): void {
    this.uint32(signatures.length);
    for (const { hint, signature } of signatures) {
      this.fixed(hint);
      this.opaque(signature);
    }
  }
}
