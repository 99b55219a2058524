import { type AuditVerification, AuditVerifier } from '@libs/identity';

import { TestServer, type TestTenant } from '../testing/test-server';

interface Entry {
  readonly seq: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name: string };
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  readonly address: string;
  readonly request_id: string;
}

describe('the audit log', () => {
  let server: TestServer;
  let acme: TestTenant;
  let owner: { id: string; email: string; token: string };

  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    acme = await server.tenant(`acme-${String.fromCharCode(97 + (made += 1))}`);
    const user = await server.user(acme, 'owner');
    owner = { ...user, token: await server.login(acme, user.email) };
  });
  afterAll(() => server.stop());
  let made = 0;

  const newKey = (name = 'books') =>
    server.call('POST', '/api-keys', { token: owner.token, json: { name, permissions: ['read:all'] } });
  async function entries(query = ''): Promise<Entry[]> {
    const reply = await server.call('GET', `/audit?direction=asc&subject_type=api_key${query}`, {
      token: owner.token,
    });
    expect(reply.status).toBe(200);
    return Reflect.get(reply.body as object, 'data') as Entry[];
  }
  const verify = (tenant = acme): Promise<AuditVerification> =>
    new AuditVerifier(server.platform.unitOfWork).verify({
      tenantId: tenant.id,
      actor: 'system:test',
      trace: '',
    });

  it('keeps what was asked for under names, whatever was sent', async () => {
    const other = await server.login(acme, owner.email);
    expect(
      (await server.call('POST', '/logout', { token: other, json: ['odd', 1], isWrong: true })).status,
    ).toBe(204);
    const reply = await server.call('GET', '/audit?action=POST%20/logout', { token: owner.token });
    expect(reply.body).toMatchObject({ data: [{ action: 'POST /logout', after: { body: ['odd', 1] } }] });
  });

  it('tells who changed what, from where, before and after, and never a secret', async () => {
    const created = await server.call('POST', '/api-keys', {
      token: owner.token,
      headers: { 'x-forwarded-for': '192.0.2.77' },
      json: { name: 'books', permissions: ['read:all'] },
    });
    const { id, key } = created.body as { id: string; key: string };
    await server.call('PATCH', `/api-keys/${id}`, {
      token: owner.token,
      json: { permissions: ['write:all'], allowed_ips: '10.0.0.1' },
    });
    await server.call('DELETE', `/api-keys/${id}`, { token: owner.token });
    const log = await entries();
    expect(log.map(({ action }) => action)).toEqual([
      'POST /api-keys',
      'PATCH /api-keys/:id',
      'DELETE /api-keys/:id',
    ]);
    expect(log[0]).toMatchObject({
      actor: { type: 'user', id: owner.id, name: owner.email },
      address: '192.0.2.77',
      request_id: created.headers.get('x-request-id'),
      subject: { type: 'api_key', id },
      before: null,
      after: { name: 'books', permissions: ['read:all'] },
    });
    expect(log[1]?.before).toMatchObject({ permissions: ['read:all'] });
    expect(log[1]?.after).toMatchObject({ permissions: ['write:all'], allowed_ips: ['10.0.0.1'] });
    expect(log[2]?.after).toBeNull();
    const rows = await server.sql('SELECT l::text AS row FROM identity.audit_log l');
    expect(JSON.stringify(rows)).not.toContain(key.split('.')[1]);
  });

  it('names the key that a program used, and whose it is', async () => {
    const key = await server.apiKey(acme, { createdBy: owner.id, permissions: ['write:all'] });
    await server.call('POST', '/api-keys', {
      token: key,
      headers: { 'SDP-Tenant-Name': acme.name },
      json: { name: 'child', permissions: ['write:all'] },
    });
    expect((await entries())[0]?.actor).toEqual({
      type: 'api_key',
      id: key.slice(4, 40),
      name: owner.email,
    });
  });

  it('holds what was asked where the code noted nothing more, without what is secret', async () => {
    const verifications = [{ type: 'PIN', value: '4711' }];
    const added = await server.call('POST', '/receivers', {
      token: owner.token,
      json: { email: 'kim@people.test', external_id: 'K-1', verifications },
    });
    expect(added.status).toBe(201);
    const reply = await server.call('GET', '/audit?action=POST%20/receivers', { token: owner.token });
    const [entry] = Reflect.get(reply.body as object, 'data') as Entry[];
    expect(entry?.after).toEqual({
      email: 'kim@people.test',
      external_id: 'K-1',
      verifications: [{ type: 'PIN', value: '[redacted]' }],
    });
  });

  it('keeps nothing of what was refused or only read', async () => {
    await server.call('POST', '/api-keys', { token: owner.token, json: {} });
    await server.call('GET', '/api-keys', { token: owner.token });
    await server.call('GET', '/organization', { token: owner.token });
    expect(await entries()).toEqual([]);
  });

  it('is one unbroken chain also when many things are done at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => newKey(`key ${String(index)}`)),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect((await entries('&page_limit=100')).length).toBe(20);
    expect(await verify()).toMatchObject({ intact: true });
  });

  it('is filtered, paged and kept apart from other organisations', async () => {
    for (const name of ['one', 'two', 'three']) await newKey(name);
    const page = await server.call('GET', '/audit?subject_type=api_key&page_limit=2', { token: owner.token });
    expect(page.body).toMatchObject({ pagination: { pages: 2, total: 3 } });
    const stranger = await server.tenant('stranger');
    const token = await server.tokenFor(stranger, 'owner');
    const theirs = await server.call('GET', '/audit?subject_type=api_key', { token });
    expect(theirs.body).toMatchObject({ data: [] });
    const wrong = await server.call('GET', '/audit?actor_type=nobody&created_at_after=x', { token });
    expect(wrong.body).toEqual({
      error: 'request invalid',
      extras: {
        actor_type: 'invalid parameter. valid values are: user, api_key, operator, system',
        created_at_after: "invalid date format. valid format is 'YYYY-MM-DD'",
      },
    });
  });

  it('leaves as CSV with harmless cells, and that it left is in it', async () => {
    await newKey('=HYPERLINK("http://evil.test")');
    await server.sql(`UPDATE identity.users SET email = '－formula@acme.test' WHERE id = $1`, [owner.id]);
    await newKey('plain');
    const csv = await server.call('GET', '/exports/audit?subject_type=api_key', { token: owner.token });
    expect(csv.headers.get('content-type')).toBe('text/csv');
    expect(csv.headers.get('content-disposition')).toMatch(
      /^attachment; filename=audit_\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.csv$/,
    );
    const lines = csv.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^Seq,At,Actor\.Type/);
    expect(lines[2]).toContain(",'－formula@acme.test,");
    const reply = await server.call('GET', '/audit', { token: owner.token });
    const [newest] = Reflect.get(reply.body as object, 'data') as Entry[];
    expect(newest).toMatchObject({
      action: 'GET /exports/audit',
      subject: { type: 'exports', id: 'audit' },
      after: { subject_type: 'api_key' },
    });
  });

  it('cannot be written by the app otherwise than at its end', async () => {
    await newKey();
    const context = { tenantId: acme.id, actor: 'system:test', trace: '' };
    for (const statement of [
      `UPDATE identity.audit_log SET action = 'x'`,
      `DELETE FROM identity.audit_log`,
      `TRUNCATE identity.audit_log`,
      `INSERT INTO identity.audit_log SELECT * FROM identity.audit_log`,
      `UPDATE identity.audit_heads SET seq = 0`,
      `DELETE FROM identity.audit_heads`,
    ]) {
      await expect(
        server.platform.unitOfWork.run(context, (tx) => tx.execute(statement)),
      ).rejects.toMatchObject({ code: '42501' });
    }
  });

  it.each([
    [
      'changed',
      `UPDATE identity.audit_log SET after = '{"name": "other"}' WHERE tenant_id = $1 AND seq = 3`,
      3n,
    ],
    [
      'moved in time',
      `UPDATE identity.audit_log SET at = at - interval '1 day' WHERE tenant_id = $1 AND seq = 2`,
      2n,
    ],
    ['removed', `DELETE FROM identity.audit_log WHERE tenant_id = $1 AND seq = 2`, 2n],
    ['removed at the end', `DELETE FROM identity.audit_log WHERE tenant_id = $1 AND seq = 4`, 3n],
    [
      'put in at the end',
      `INSERT INTO identity.audit_log SELECT tenant_id, 5, at, actor_type, actor_id, actor_name, address, request_id, 'forged',
              subject_type, subject_id, before, after, hash, hash FROM identity.audit_log WHERE tenant_id = $1 AND seq = 4`,
      5n,
    ],
    [
      'exchanged for another',
      `UPDATE identity.audit_log l SET hash = decode(repeat('ab', 32), 'hex') WHERE tenant_id = $1 AND seq = 4`,
      4n,
    ],
  ])('shows a row that was %s past the app', async (_what, statement, seq) => {
    // With the sign-in these are four rows.
    for (const name of ['one', 'two', 'three']) await newKey(name);
    expect(await verify()).toMatchObject({ intact: true, head: { seq: 4n } });
    await server.sql(statement, [acme.id]);
    expect(await verify()).toMatchObject({ intact: false, seq });
  });

  it('shows a row that was put in between others past the app', async () => {
    for (const name of ['one', 'two', 'three']) await newKey(name);
    await server.sql('UPDATE identity.audit_log SET seq = 5 WHERE tenant_id = $1 AND seq = 4', [acme.id]);
    await server.sql('UPDATE identity.audit_heads SET seq = 5 WHERE tenant_id = $1', [acme.id]);
    await server.sql(
      `INSERT INTO identity.audit_log SELECT tenant_id, 4, at, actor_type, actor_id, actor_name, address, request_id, 'forged',
              subject_type, subject_id, before, after, hash, hash FROM identity.audit_log WHERE tenant_id = $1 AND seq = 3`,
      [acme.id],
    );
    expect(await verify()).toMatchObject({ intact: false, seq: 4n, reason: 'the row was changed' });
  });

  it('shows a log that was written anew, by an end that was kept elsewhere', async () => {
    await newKey('one');
    const kept = await verify();
    if (!kept.intact) throw new Error('it was intact');
    await server.sql('DELETE FROM identity.audit_log WHERE tenant_id = $1', [acme.id]);
    await server.sql('DELETE FROM identity.audit_heads WHERE tenant_id = $1', [acme.id]);
    for (const name of ['two', 'three', 'four']) await newKey(name);
    expect(await verify()).toMatchObject({ intact: true });
    const context = { tenantId: acme.id, actor: 'system:test', trace: '' };
    const compared = await new AuditVerifier(server.platform.unitOfWork).verify(context, kept.head);
    expect(compared).toMatchObject({ intact: false, seq: kept.head.seq });
  });
});
