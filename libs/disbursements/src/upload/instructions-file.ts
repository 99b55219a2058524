import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { EarlyReading, type ExpectedFile } from './early-reading';
import { type Encoding, EncodingGuess } from './file-format';
import type { HeldFile } from './held-file';
import { ROWS_ANSWERED_AT_ONCE } from './upload-progress';

/** Fast rather than small. */
const GZIP_LEVEL = 1;
const PART_BYTES = 262_144;

/**
 * A received file: what is known of it, and under which upload its bytes are kept.
 *
 * A file is received whole, into parts that are kept as they come, before a database connection is taken for it: a slow
 * sender holds none, no size is held in memory, and a database transaction that has to run again can read the file again.
 */
export interface InstructionsFile {
  readonly uploadId: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Of the bytes as they came, in hexadecimal. */
  readonly sha256: string;
  /** How many parts are kept. */
  readonly parts: number;
  /** How many line ends there are: never fewer than rows. */
  readonly lines: number;
  readonly encoding: Encoding;
  /** What was read of it while it came; null for one that is read from its parts. */
  readonly held: HeldFile | null;
}

export interface ReceivedUpload {
  readonly uploadId: string;
  readonly name: string;
  /** Told as bytes come. */
  readonly received?: ((bytes: number) => void) | undefined;
  /** To read it while it comes; null where that would take too much memory, or nobody knows yet what it should hold. */
  readonly expected?: ExpectedFile | null | undefined;
}

/** What to do with the parts of a file, in their order; the sender waits for it. */
export type KeepPart = (part: number, gzipped: Uint8Array) => Promise<void>;

/** Reads `source` to its end. The sender's limits are the caller's business. */
export async function receiveFile(
  { uploadId, name, received, expected = null }: ReceivedUpload,
  source: Readable,
  keep: KeepPart,
): Promise<InstructionsFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let parts = 0;
  const guess = new EncodingGuess();
  const ends = { feeds: 0, returns: 0 };
  const early = expected === null ? null : new EarlyReading(expected);
  const count = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      sizeBytes += chunk.byteLength;
      received?.(chunk.byteLength);
      hash.update(chunk);
      countLineEnds(chunk, ends);
      guess.look(chunk);
      const taken = early?.take(chunk);
      // Another thread packs it meanwhile.
      yield chunk;
      await taken;
    }
    early?.close();
  };
  await pipeline(
    source,
    count,
    createGzip({ level: GZIP_LEVEL, chunkSize: 65_536 }),
    async (packed: AsyncIterable<Uint8Array>) => {
      let waiting: Uint8Array[] = [];
      let bytes = 0;
      const hand = async (): Promise<void> => {
        await keep(parts, Buffer.concat(waiting));
        parts += 1;
        [waiting, bytes] = [[], 0];
      };
      for await (const chunk of packed) {
        waiting.push(chunk);
        bytes += chunk.byteLength;
        if (bytes >= PART_BYTES) await hand();
      }
      if (bytes > 0) await hand();
    },
  ).finally(() => early?.close());
  const lines = Math.max(ends.feeds, ends.returns);
  const encoding = guess.end();
  // In which encoding a file is shows at its end.
  const isReadAsItIs = encoding === 'utf-8' && lines <= ROWS_ANSWERED_AT_ONCE + 1;
  const held = isReadAsItIs ? ((await early?.held()) ?? null) : null;
  return { uploadId, name, sizeBytes, sha256: hash.digest('hex'), parts, lines, encoding, held };
}

function countLineEnds(chunk: Uint8Array, ends: { feeds: number; returns: number }): void {
  for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) ends.feeds += 1;
  for (let at = chunk.indexOf(0x0d); at >= 0; at = chunk.indexOf(0x0d, at + 1)) ends.returns += 1;
}

/** The bytes as they came, behind the parts that `read` brings one after the other. */
export function bytesOf(parts: number, read: (part: number) => Promise<Uint8Array>): Readable {
  const source = Readable.from(
    (async function* () {
      for (let part = 0; part < parts; part += 1) yield await read(part);
    })(),
    { objectMode: false, highWaterMark: 1 },
  );
  return unzippedFrom(source);
}

/** The bytes behind a file that is kept as a whole. */
export const unzipped = (gzipped: Uint8Array): Readable =>
  unzippedFrom(Readable.from([Buffer.from(gzipped.buffer, gzipped.byteOffset, gzipped.byteLength)]));

function unzippedFrom(source: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: 16_384 });
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => source.destroy());
  return source.pipe(gunzip);
}
