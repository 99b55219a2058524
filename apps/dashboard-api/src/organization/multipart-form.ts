import { whenBodyIsLost } from '@libs/http';
import busboy from 'busboy';
import type { Request } from 'express';

export interface MultipartForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

export type MultipartResult =
  | { readonly kind: 'form'; readonly form: MultipartForm }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'malformed' };

const PARTS_MAX = 20;

/** Reads a small multipart form into memory, at most `bytesMax` in all. Large uploads are streamed elsewhere. */
export async function readMultipart(request: Request, bytesMax: number): Promise<MultipartResult> {
  const parser = parserOf(request, bytesMax);
  if (parser === null) return { kind: 'malformed' };
  const fields: Record<string, string> = {};
  const files: Record<string, Uint8Array> = {};
  let bytes = 0;
  return await new Promise<MultipartResult>((resolve) => {
    const end = (result: MultipartResult): void => {
      request.unpipe(parser);
      // What the sender still has to say is read and thrown away, so that it gets to read our answer.
      request.resume();
      resolve(result);
    };
    const count = (more: number): void => {
      bytes += more;
      if (bytes > bytesMax) end({ kind: 'too_large' });
    };
    parser.on('field', (name, value, { valueTruncated }) => {
      count(valueTruncated ? bytesMax + 1 : Buffer.byteLength(value));
      fields[name] = value;
    });
    parser.on('file', (name, stream) => {
      const chunks: Uint8Array[] = [];
      stream.on('data', (chunk: Uint8Array) => {
        count(chunk.byteLength);
        if (bytes <= bytesMax) chunks.push(chunk);
      });
      stream.on('limit', () => {
        end({ kind: 'too_large' });
      });
      stream.on('end', () => {
        files[name] = Buffer.concat(chunks);
      });
      stream.on('error', () => {
        end({ kind: 'malformed' });
      });
    });
    parser.on('error', () => {
      end({ kind: 'malformed' });
    });
    whenBodyIsLost(request, () => {
      end({ kind: 'malformed' });
    });
    parser.on('close', () => {
      resolve({ kind: 'form', form: { fields, files } });
    });
    request.pipe(parser);
  });
}

function parserOf(request: Request, bytesMax: number): busboy.Busboy | null {
  try {
    return busboy({
      headers: request.headers,
      limits: { fieldSize: bytesMax, fileSize: bytesMax, parts: PARTS_MAX, fieldNameSize: 100 },
    });
  } catch {
    // Not a multipart body, or one without a boundary.
    return null;
  }
}
