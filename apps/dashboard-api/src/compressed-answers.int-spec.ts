import http from 'node:http';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

import { TestServer } from './testing/test-server';

const PEOPLE = 20;

interface Answer {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

describe('answers of the staff API, to clients that can read gzip', () => {
  let server: TestServer;
  let token: string;

  beforeAll(async () => {
    server = await TestServer.start();
    const acme = await server.tenant('acme');
    const owner = await server.user(acme, 'owner');
    token = await server.login(acme, owner.email);
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id)
       SELECT $1, uuidv7(), '+' || (254700000000 + n), 'P-' || n FROM generate_series(1, ${String(PEOPLE)}) AS n`,
      [acme.id],
    );
  });
  afterAll(() => server.stop());

  /** As it comes over the line: what fetch decompresses is not told from what was never compressed. */
  async function ask(
    method: string,
    path: string,
    { accepted, json }: { readonly accepted?: string; readonly json?: object } = {},
  ): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(accepted === undefined ? {} : { 'accept-encoding': accepted }),
      };
      const request = http.request(
        new URL(path, server.url),
        { method, headers, agent: false },
        (response) => {
          const isPacked = response.headers['content-encoding'] === 'gzip';
          text(isPacked ? response.pipe(createGunzip()) : response).then(
            (body) => resolve({ headers: response.headers, body }),
            reject,
          );
        },
      );
      request.on('error', reject);
      request.end(json === undefined ? undefined : JSON.stringify(json));
    });
  }

  it('hold lists compressed, which say the same as without', async () => {
    const [packed, plain] = [
      await ask('GET', '/receivers', { accepted: 'gzip' }),
      await ask('GET', '/receivers'),
    ];
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['content-length']).toBeUndefined();
    expect(packed.headers.vary).toContain('Accept-Encoding');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.body).toBe(plain.body);
    expect(JSON.parse(packed.body)).toMatchObject({ pagination: { total: PEOPLE } });
  });

  it('are plain where the client wants no gzip, and where they are short', async () => {
    const refused = await ask('GET', '/receivers', { accepted: 'gzip;q=0, identity' });
    expect(refused.headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(refused.body)).toMatchObject({ pagination: { total: PEOPLE } });
    const short = await ask('GET', '/users/roles', { accepted: 'gzip' });
    expect(short.headers['content-encoding']).toBeUndefined();
    expect(short.body).toContain('"owner"');
  });

  it('are plain for tables, which are sent as they are read', async () => {
    const table = await ask('GET', '/exports/receivers', { accepted: 'gzip' });
    expect(table.headers['content-encoding']).toBeUndefined();
    expect(table.body.length).toBeGreaterThan(1_024);
    expect(table.body).toContain('+254700000001');
  });

  it('are plain where a secret is shown beside what was asked', async () => {
    const addresses = Array.from({ length: 100 }, (_, n) => `192.0.2.${String(n)}`);
    const key = { name: 'reader', permissions: ['read:all'], allowed_ips: addresses };
    const made = await ask('POST', '/api-keys', { accepted: 'gzip', json: key });
    expect(made.headers['content-encoding']).toBeUndefined();
    expect(made.body.length).toBeGreaterThan(1_024);
    expect(JSON.parse(made.body)).toHaveProperty('key');
  });
});
