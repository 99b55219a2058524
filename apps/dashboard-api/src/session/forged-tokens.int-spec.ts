import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

import { newId } from '@libs/kernel';

import { STAFF_ROUTES } from '../access/route-access';
import { DisbursementWorld } from '../testing/disbursement-world';
import { type Reply, TestServer } from '../testing/test-server';

type Claims = Record<string, unknown>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;

/** A token as anybody could write it, with the signature of whoever `by` is. */
function written(header: object, claims: Claims, by: (text: string) => Buffer): string {
  const text = `${encoded(header)}.${encoded(claims)}`;
  return `${text}.${by(text).toString('base64url')}`;
}
const es256 =
  (pem: string) =>
  (text: string): Buffer =>
    sign('sha256', Buffer.from(text), { key: pem, dsaEncoding: 'ieee-p1363' });
const hs256 =
  (secret: string | Buffer) =>
  (text: string): Buffer =>
    createHmac('sha256', secret).update(text).digest();

const ES256 = { alg: 'ES256', typ: 'JWT' };
const HS256 = { alg: 'HS256', typ: 'JWT' };

describe('a token that was not given to who brings it', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let foreign: DisbursementWorld;
  let ownToken: string;
  let foreignToken: string;
  let pem: string;
  /** One of each, with what makes it wrong. */
  let forged: Readonly<Record<string, string>>;

  beforeAll(async () => {
    server = await TestServer.start({ STEP_UP_MINUTES: '0' });
    own = await DisbursementWorld.make(server, 'own');
    foreign = await DisbursementWorld.make(server, 'foreign');
    [ownToken, foreignToken] = [await own.token(), await foreign.token()];
    pem = server.platform.settings.EC256_PRIVATE_KEY.replaceAll('\\n', '\n');
    const publicKey = createPublicKey(createPrivateKey(pem));
    const spki = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const strangerPem = String(stranger.export({ type: 'pkcs8', format: 'pem' }));
    const claims = claimsOf(ownToken);
    const user = claims['user'] as Claims;
    const nowSeconds = Math.floor(server.platform.clock.now().getTime() / 1000);
    const [head = '', body = '', signature = ''] = ownToken.split('.');
    const signed = (changed: Claims): string => written(ES256, { ...claims, ...changed }, es256(pem));
    forged = {
      'no algorithm and no signature': written({ alg: 'none', typ: 'JWT' }, claims, () => Buffer.alloc(0)),
      'no algorithm, in other letters': written({ alg: 'nOnE' }, claims, () => Buffer.alloc(0)),
      'no algorithm and a true signature': `${encoded({ alg: 'none' })}.${body}.${signature}`,
      'HS256 with the PEM of the public key': written(HS256, claims, hs256(spki)),
      'HS256 with the trimmed PEM of the public key': written(HS256, claims, hs256(spki.trim())),
      'HS256 with the bytes of the public key': written(HS256, claims, hs256(der)),
      'HS256 with the PEM of the private key': written(HS256, claims, hs256(pem)),
      'HS256 with an empty secret': written(HS256, claims, hs256('')),
      'HS256 named, and signed as ES256': written(HS256, claims, es256(pem)),
      'the key of somebody else': written(ES256, claims, es256(strangerPem)),
      'the key of somebody else, brought along': written(
        { ...ES256, jwk: createPublicKey(stranger).export({ format: 'jwk' }) },
        claims,
        es256(strangerPem),
      ),
      'a signature of zeros': written(ES256, claims, () => Buffer.alloc(64)),
      'a signature in DER': written(ES256, claims, (text) => sign('sha256', Buffer.from(text), pem)),
      'no signature': `${head}.${body}.`,
      'a signature of another token': `${head}.${body}.${foreignToken.split('.')[2] ?? ''}`,
      'claims that were changed': `${head}.${encoded({ ...claims, user: { ...user, roles: ['owner'] }, x: 1 })}.${signature}`,
      'another audience: a wallet': signed({ kind: 'wallet' }),
      'another audience: the registration page': signed({ kind: 'registration' }),
      'no kind': signed({ kind: undefined }),
      'the tenant of others': signed({ tenant_id: foreign.tenant.id }),
      'a tenant that is not there': signed({ tenant_id: newId() }),
      'the person of others': signed({ user: claimsOf(foreignToken)['user'] }),
      'the session of others': signed({ sid: claimsOf(foreignToken)['sid'] }),
      'a session that is not there': signed({ sid: newId() }),
      'tenant and person of others, in the own session': signed({
        tenant_id: foreign.tenant.id,
        user: claimsOf(foreignToken)['user'],
      }),
      expired: signed({ exp: nowSeconds - 1 }),
      'no end': signed({ exp: undefined }),
      'not yet valid': signed({ nbf: nowSeconds + 600 }),
    };
  });
  afterAll(() => server.stop());

  /** What requests of any kind would have changed, in both organisations. */
  const everything = async (): Promise<unknown> => {
    const tables = [
      'disbursements.disbursements',
      'identity.users',
      'identity.api_keys',
      'identity.sessions',
    ];
    const more = ['identity.audit_log', 'tenants.organizations', 'receivers.receivers'];
    const prints = [...tables, ...more].map(
      (
        table,
      ) => `SELECT '${table}' AS name, md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) AS print
                    FROM ${table} t WHERE tenant_id = ANY ($1)`,
    );
    return await server.sql(prints.join(' UNION ALL '), [[own.tenant.id, foreign.tenant.id]]);
  };
  const REFUSED = { error: 'Not authorized.' };
  const requestsWith = (token: string, headers: Record<string, string> = {}): Promise<Reply>[] => [
    server.call('GET', '/profile', { token, headers }),
    server.call('GET', '/payments', { token, headers }),
    server.call('POST', '/refresh-token', { token, headers }),
    server.call('POST', '/logout', { token, headers }),
    server.call('DELETE', '/sessions', { token, headers }),
    server.call('POST', '/disbursements', { token, headers, json: own.bodyOf() }),
    server.call('POST', '/api-keys', { token, headers, json: { name: 'k', permissions: ['read:all'] } }),
  ];

  it('is refused everywhere and does nothing, whatever is wrong with it', async () => {
    const before = await everything();
    for (const [why, token] of Object.entries(forged)) {
      for (const reply of await Promise.all(requestsWith(token))) {
        expect([why, reply.status, reply.body]).toEqual([why, 401, REFUSED]);
      }
    }
    expect(await everything()).toEqual(before);
  });

  it('is refused on every route of staff', async () => {
    const before = await everything();
    const kinds = [
      'no algorithm and no signature',
      'HS256 with the PEM of the public key',
      'the tenant of others',
    ];
    for (const { method, path } of STAFF_ROUTES) {
      const url = path.replaceAll(/:[a-z_]+/gi, own.tenant.id);
      const replies = await Promise.all(
        kinds.map((kind) => server.call(method, url, { token: forged[kind] ?? '', isWrong: true })),
      );
      expect([path, replies.map(({ status }) => status)]).toEqual([path, [401, 401, 401]]);
    }
    expect(await everything()).toEqual(before);
  });

  it('is refused where the request names another organisation, and does nothing there', async () => {
    const before = await everything();
    for (const headers of [
      { 'SDP-Tenant-Name': 'foreign' },
      { 'SDP-Tenant-Name': 'nobody' },
      { 'x-forwarded-host': 'foreign.staff.test' },
    ]) {
      for (const reply of await Promise.all(requestsWith(ownToken, headers))) {
        expect([headers, reply.status, reply.body]).toEqual([headers, 401, REFUSED]);
      }
    }
    expect(await everything()).toEqual(before);
  });

  it('is told from a true one by nothing but what is wrong: the same claims, well signed, are let in', async () => {
    const claims = { ...claimsOf(ownToken), iat: 1 };
    const token = written(ES256, claims, es256(pem));
    expect((await server.call('GET', '/profile', { token })).status).toBe(200);
    expect((await server.call('GET', '/profile', { token: ownToken })).status).toBe(200);
  });

  it('ends the session when it is a refresh token that was used before, and renews nothing', async () => {
    const { email } = await server.user(own.tenant, 'business');
    const { token, refreshToken } = await server.signIn(own.tenant, email);
    const renew = (refresh: string, headers: Record<string, string> = {}): Promise<Reply> =>
      server.call('POST', '/refresh-token', { json: { refresh_token: refresh }, headers });
    const elsewhere = await renew(refreshToken, { 'SDP-Tenant-Name': 'foreign' });
    expect([elsewhere.status, elsewhere.body]).toEqual([401, REFUSED]);
    const renewed = await renew(refreshToken);
    expect(renewed.status).toBe(200);
    const replayed = await renew(refreshToken);
    expect([replayed.status, replayed.body]).toEqual([401, REFUSED]);
    const fresh = renewed.body as { readonly token: string; readonly refresh_token: string };
    expect((await renew(fresh.refresh_token)).status).toBe(401);
    for (const ended of [token, fresh.token]) {
      expect((await server.call('GET', '/profile', { token: ended })).status).toBe(401);
      expect((await server.call('POST', '/disbursements', { token: ended, json: own.bodyOf() })).status).toBe(
        401,
      );
    }
    expect((await server.call('POST', '/refresh-token', { token: fresh.refresh_token })).status).toBe(401);
  });
});
