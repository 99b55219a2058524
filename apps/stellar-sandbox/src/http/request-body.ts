import type { IncomingMessage } from 'node:http';

import { Problem } from './problems';

/** Larger than any envelope by far. */
const BODY_MAX = 1024 * 1024;

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > BODY_MAX) throw new Problem('bad_request', 'Request Entity Too Large', 413);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
