import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { isFromThisMachine, outboxQueryOf } from './outbox-route';

describe('a question to the outbox', () => {
  it('names a recipient, a cursor and a limit', () => {
    const id = '0197a000-0000-7000-8000-000000000001';
    expect(outboxQueryOf(`/outbox?recipient=%2B14155550100&since=${id}&limit=100`)).toEqual({
      recipient: '+14155550100',
      since: id,
      before: undefined,
      limit: 100,
    });
    expect(outboxQueryOf('/outbox?recipient=+14155550100')).toMatchObject({
      recipient: '+14155550100',
      limit: 20,
    });
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'since=1', 'before=%27'])('is refused with %s', (query) => {
    expect(outboxQueryOf(`/outbox?${query}`)).toBeNull();
  });
});

describe('who may read the outbox', () => {
  const asked = async (headers: Readonly<Record<string, string>>): Promise<boolean> => {
    let answer = false;
    const server = http.createServer((request, response) => {
      answer = isFromThisMachine(request);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve, reject) => {
      http
        .get({ port, host: '127.0.0.1', headers }, (response) => response.resume().on('end', resolve))
        .on('error', reject);
    });
    await new Promise((resolve) => server.close(resolve));
    return answer;
  };

  it('is a program on the machine', async () => {
    expect(await asked({ host: '127.0.0.1:8006' })).toBe(true);
    expect(await asked({ host: 'localhost' })).toBe(true);
  });

  it('is no web page whose name resolves to this machine, and nobody behind a proxy', async () => {
    expect(await asked({ host: 'evil.example' })).toBe(false);
    expect(await asked({ host: 'localhost.evil.example' })).toBe(false);
    expect(await asked({ host: 'localhost', 'x-forwarded-for': '203.0.113.7' })).toBe(false);
  });
});
