import { API_DESCRIPTIONS } from './api-descriptions';
import { fieldOf } from '@libs/kernel';
import { generateSync } from 'otplib';

import { STAFF_ROUTES } from '../access/route-access';
import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { letWalletTakeTheAsset, person } from '../testing/people';
import { type Reply, TEST_PASSWORD, TestServer } from '../testing/test-server';

const PIN = 'Pn-8317x';
/** What is shown on purpose: the chain of the audit log proves itself, and a device is named by its hash to be forgotten. */
const SHOWN = ['identity.audit_log', 'identity.audit_heads', 'identity.mfa_codes.device_hash'];
/** Columns that have to hold something, or the search would be for nothing. */
const FILLED = [
  'identity.api_keys.secret_hash',
  'identity.mfa_codes.code_hmac',
  'identity.password_resets.token_hash',
  'identity.recovery_codes.code_hmac',
  'identity.refresh_tokens.token_hash',
  'identity.totp_secrets.secret_sealed',
  'messages.messages.body_sealed',
  'receivers.one_time_codes.code_hmac',
  'receivers.verifications.value_hmac',
];
const SHORTEST = 16;
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;

describe('no hash and no secret leaves the API', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  const ids: Record<string, string> = { type: 'PHONE_NUMBER' };
  const told: string[] = [TEST_PASSWORD, PIN];

  beforeAll(async () => {
    server = await TestServer.start({ STEP_UP_MINUTES: '0' });
    world = await DisbursementWorld.make(server, 'acme');
    world.fund(1_000_0000000n);
    await letWalletTakeTheAsset(world);
    const { payments, id } = await world.started(2);
    Object.assign(ids, { disbursements: id, statistics: id, payments: payments[0] });
    const receiver = await world.call('POST', '/receivers', {
      email: 'someone@people.test',
      external_id: 'E-1',
      verifications: [{ type: 'PIN', value: PIN }],
    });
    ids['receivers'] = idOf(receiver);
    const { receiverWalletId } = await person(world, 'READY');
    await server.sql(
      `INSERT INTO receivers.one_time_codes (tenant_id, receiver_wallet_id, code_hmac, created_at, expires_at, window_started_at)
       VALUES ($1, $2, sha256('123456'), now(), now() + interval '5 minutes', now())`,
      [world.tenant.id, receiverWalletId],
    );
    const key = await world.call('POST', '/api-keys', { name: 'reader', permissions: ['read:all'] });
    ids['api-keys'] = idOf(key);
    told.push(String(fieldOf(key.body, 'key')));
    await world.call('POST', '/users', {
      ...{ first_name: 'Nora', last_name: 'New', email: 'nora@acme.test' },
      roles: ['approver'],
    });
    await secondFactors();
  });
  afterAll(() => server.stop());

  /** Somebody has an app, codes on paper, a session, a code in the mail and a link to a new password. */
  async function secondFactors(): Promise<void> {
    const secret = String(fieldOf((await world.call('POST', '/profile/totp')).body, 'secret'));
    const epoch = Math.floor(server.platform.clock.now().getTime() / 1000);
    const confirmed = await world.call('POST', '/profile/totp/confirm', {
      code: generateSync({ secret, epoch }),
    });
    told.push(secret, ...(fieldOf(confirmed.body, 'recovery_codes') as string[]));
    const { email } = await server.user(world.tenant, 'business');
    told.push(...Object.values(await server.signIn(world.tenant, email)));
    await server.sql('UPDATE tenants.organizations SET mfa_disabled = false WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    const headers = { 'SDP-Tenant-Name': world.tenant.name, 'Device-ID': 'a laptop' };
    await server.call('POST', '/login', { headers, json: { email, password: TEST_PASSWORD } });
    await server.call('POST', '/forgot-password', { headers, json: { email } });
    for (;;) {
      if ((await server.sql('SELECT FROM identity.password_resets')).length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Every value of every column of bytes, and the hashes of passwords, by the name of its column. */
  async function kept(): Promise<Map<string, string[]>> {
    const columns = await server.sql(
      `SELECT table_schema || '.' || table_name AS "table", column_name AS "column" FROM information_schema.columns
        WHERE data_type = 'bytea' AND table_schema !~ '^(pg_|information_schema)'`,
    );
    const found = new Map<string, string[]>();
    for (const { table, column } of columns) {
      const name = `${String(table)}.${String(column)}`;
      if (SHOWN.includes(String(table)) || SHOWN.includes(name)) continue;
      const rows = await server.sql(`SELECT ${String(column)} AS value FROM ${String(table)}`);
      const values = rows.map(({ value }) => value).filter((value) => value instanceof Uint8Array);
      const long = values.filter(({ byteLength }) => byteLength >= SHORTEST);
      found.set(
        name,
        long.flatMap((value) => ENCODINGS.map((encoding) => Buffer.from(value).toString(encoding))),
      );
    }
    const users = await server.sql('SELECT password_hash AS hash FROM identity.users');
    found.set(
      'identity.users.password_hash',
      users.map(({ hash }) => String(hash)).filter((hash) => hash.startsWith('$argon2id')),
    );
    return found;
  }

  const read = (path: string): Promise<Reply> => {
    const [, subject = ''] = path.split('/');
    const asked = path.replace(
      /:(\w+)/,
      (_whole, name: string) => ids[name === 'id' ? subject : name] ?? name,
    );
    return world.call('GET', asked);
  };

  it('by any answer to the owner, of whatever is in the database', async () => {
    const secrets = await kept();
    for (const column of [...FILLED, 'identity.users.password_hash']) {
      expect([column, secrets.get(column)?.length ?? 0]).not.toEqual([column, 0]);
    }
    const all = [...[...secrets.values()].flat(), ...told];
    for (const { path } of STAFF_ROUTES.filter(({ method }) => method === 'GET')) {
      const { status, text } = await read(path);
      // One person asks it all; nothing here was refused an errors file.
      expect([path, status]).toEqual([path, path.endsWith('/upload/errors') ? 404 : 200]);
      expect([path, all.filter((secret) => text.includes(secret))]).toEqual([path, []]);
    }
  });

  it('by any field that the document names', () => {
    const named = new Set<string>();
    const collect = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const properties: unknown = Reflect.get(schema, 'properties');
      if (typeof properties === 'object' && properties !== null) {
        for (const name of Object.keys(properties)) named.add(name);
      }
      for (const inner of Object.values(schema)) collect(inner);
    };
    for (const { schemas, routes } of API_DESCRIPTIONS) {
      collect(schemas);
      for (const route of Object.values(routes)) collect(route.answers);
    }
    expect(named.size).toBeGreaterThan(150);
    const suspicious = [...named].filter((name) =>
      /hash|hmac|passw|salt|otp|pepper|secret|sealed/i.test(name),
    );
    // The chain of the audit log and of the ledger, the template of messages, and the secret that an app is set up with, once.
    expect(suspicious.toSorted()).toEqual(['hash', 'otp_message_template', 'secret', 'totp']);
  });
});
