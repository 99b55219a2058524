import { REQUESTS_MAX } from '../keys/ledger-keys.port';

/** What is asked, and what is answered: a length, a number that joins the two, a kind, a body. */
export interface Frame {
  readonly id: number;
  readonly kind: number;
  readonly body: Buffer;
}

export const ASK = { hello: 1, sign: 2, make: 3 } as const;
/** `unknown`: the body is the public key that is not there. `failed`: the body says why. */
export const ANSWER = { done: 10, unknown: 11, failed: 12 } as const;

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
const LENGTH_BYTES = 4;
const HEADER_BYTES = 5;
/** As many signatures as one request may ask for, and a little more. */
export const FRAME_BYTES_MAX = HEADER_BYTES + REQUESTS_MAX * SIGNATURE_BYTES + 1_024;

export function encodeFrame({ id, kind, body }: Frame): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES + HEADER_BYTES);
  head.writeUInt32BE(HEADER_BYTES + body.length, 0);
  head.writeUInt32BE(id, LENGTH_BYTES);
  head.writeUInt8(kind, LENGTH_BYTES + 4);
  return Buffer.concat([head, body]);
}

/** Puts frames together from what arrives in pieces. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole now. Throws `RangeError` when one is longer than any may be: the connection is to be ended. */
  push(chunk: Buffer): readonly Frame[] {
    let bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    while (bytes.length >= LENGTH_BYTES) {
      const length = bytes.readUInt32BE(0);
      if (length < HEADER_BYTES || length > FRAME_BYTES_MAX)
        throw new RangeError('a frame of no possible length');
      if (bytes.length < LENGTH_BYTES + length) break;
      frames.push({
        id: bytes.readUInt32BE(LENGTH_BYTES),
        kind: bytes.readUInt8(LENGTH_BYTES + 4),
        body: bytes.subarray(LENGTH_BYTES + HEADER_BYTES, LENGTH_BYTES + length),
      });
      bytes = bytes.subarray(LENGTH_BYTES + length);
    }
    this.rest = bytes;
    return frames;
  }
}
