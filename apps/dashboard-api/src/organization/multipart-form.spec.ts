import http from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import type { Request } from 'express';

import { type MultipartResult, readMultipart } from './multipart-form';

const HEAD = 'POST / HTTP/1.1\r\nhost: here\r\ncontent-type: multipart/form-data; boundary=b\r\n';
const WHOLE = '--b\r\ncontent-disposition: form-data; name="data"\r\n\r\n{}\r\n--b--\r\n';

/** What is made of a body on a real connection, which may be lost before anybody reads it. */
async function readFrom(
  body: string,
  length: number,
  isLost: boolean,
): Promise<MultipartResult | { readonly kind: 'never answered' }> {
  const read = Promise.withResolvers<MultipartResult>();
  const server = http.createServer((request, response) => {
    const go = async (): Promise<void> => {
      if (isLost) request.destroy();
      while (isLost && !request.destroyed) await pause(1);
      read.resolve(await readMultipart(request as Request, 1_000));
      response.end();
    };
    go().catch(read.reject);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${HEAD}content-length: ${String(length)}\r\n\r\n${body}`);
  try {
    return await Promise.race([
      read.promise,
      pause(20_000, { kind: 'never answered' } as const, { ref: false }),
    ]);
  } finally {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  }
}

describe('a small form', () => {
  it('is read into memory', async () => {
    expect(await readFrom(WHOLE, WHOLE.length, false)).toEqual({
      kind: 'form',
      form: { fields: { data: '{}' }, files: {} },
    });
  });

  it('is malformed when it is lost with its connection before anybody listens', async () => {
    expect(await readFrom(WHOLE, WHOLE.length, true)).toEqual({ kind: 'malformed' });
    expect(await readFrom(WHOLE.slice(0, 20), WHOLE.length, true)).toEqual({ kind: 'malformed' });
  });
});
