import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { Keypair } from '@stellar/stellar-sdk/base';

import { ClientDomains } from './client-domains.service';

const KEY = Keypair.random().publicKey();
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
let asked = 0;
const server = http.createServer((request, response) => {
  asked += 1;
  answer(request, response);
});
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  asked = 0;
});

const keyAt = async (domain: string, allowPrivate = true): Promise<unknown> => {
  const found = await new ClientDomains({ allowPrivate, timeoutMs: 200 }).signingKeyOf(domain);
  return found.ok ? found.value : found.error;
};
const here = (): string => `127.0.0.1:${String(port)}`;

describe('the signing key of a client domain', () => {
  it('stands in its stellar.toml, which is fetched once for many wallets', async () => {
    answer = (_, response) => response.end(`SIGNING_KEY = "${KEY}"\n`);
    const domains = new ClientDomains({ allowPrivate: true });
    const keys = await Promise.all(Array.from({ length: 20 }, () => domains.signingKeyOf(here())));
    expect(keys.every((key) => key.ok && key.value === KEY)).toBe(true);
    expect(asked).toBe(1);
  });

  it.each([
    [
      'a redirect',
      'not_reachable',
      (response: http.ServerResponse) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    ],
    [
      'an endless file',
      'not_reachable',
      (response: http.ServerResponse) => response.end('#'.repeat(300_000)),
    ],
    ['silence', 'not_reachable', () => undefined],
    ['no TOML', 'no_signing_key', (response: http.ServerResponse) => response.end('<html>')],
    ['no key', 'no_signing_key', (response: http.ServerResponse) => response.end('A = 1')],
    [
      'a key that is none',
      'no_signing_key',
      (response: http.ServerResponse) => response.end('SIGNING_KEY = "SABC"'),
    ],
  ] as const)('is not found in %s', async (_, problem, respond) => {
    answer = (_request, response) => respond(response);
    expect(await keyAt(here())).toBe(problem);
  });

  it('is never asked for at an address of this machine or network, by number or by name', async () => {
    answer = (_, response) => response.end(`SIGNING_KEY = "${KEY}"\n`);
    for (const domain of [
      here(),
      `localhost:${String(port)}`,
      '169.254.169.254',
      '10.0.0.1',
      '192.168.0.1:80',
    ]) {
      expect(await keyAt(domain, false)).toBe('private_address');
    }
    for (const domain of ['2130706433', '0x7f000001', '127.1']) {
      // Other spellings of 127.0.0.1, which some resolvers take.
      expect(['private_address', 'not_reachable']).toContain(await keyAt(`${domain}:${String(port)}`, false));
    }
    expect(asked).toBe(0);
  });
});
