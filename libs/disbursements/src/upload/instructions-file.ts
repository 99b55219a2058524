import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** Fast rather than small: a file waits in memory only until it is published. */
const GZIP_LEVEL = 1;

/**
 * A received file, compressed in memory.
 *
 * A file is received whole before a database connection is taken, so that a slow sender holds none, and so that a
 * database transaction that has to run again can read the file again.
 */
export class InstructionsFile {
  private constructor(
    readonly name: string,
    readonly sizeBytes: number,
    /** As it is stored, before it is encrypted. */
    readonly gzipped: Uint8Array,
    /** Of the bytes as they came, in hexadecimal. */
    readonly sha256: string,
  ) {}

  /** Reads `source` to its end. The sender's limit is the caller's business. */
  static async receive(name: string, source: Readable): Promise<InstructionsFile> {
    const chunks: Uint8Array[] = [];
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const count = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        sizeBytes += chunk.byteLength;
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(
      source,
      count,
      createGzip({ level: GZIP_LEVEL }),
      async (packed: AsyncIterable<Uint8Array>) => {
        for await (const chunk of packed) chunks.push(chunk);
      },
    );
    return new InstructionsFile(name, sizeBytes, Buffer.concat(chunks), hash.digest('hex'));
  }

  /** The bytes as they came. */
  open(): Readable {
    return unzipped(this.gzipped);
  }
}

/** The bytes behind stored ones. */
export function unzipped(gzipped: Uint8Array): Readable {
  const source = Readable.from([Buffer.from(gzipped.buffer, gzipped.byteOffset, gzipped.byteLength)]);
  const gunzip = createGunzip({ chunkSize: 65_536 });
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}
