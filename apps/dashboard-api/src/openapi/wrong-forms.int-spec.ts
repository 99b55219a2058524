import fc from 'fast-check';

import { DisbursementWorld, peopleFile } from '../testing/disbursement-world';
import { nestedJson, valueOf, wronged } from '../testing/hostile-input';
import { type CallOptions, type Reply, TestServer } from '../testing/test-server';
import { API_DESCRIPTIONS } from './api-descriptions';
import { anyObject, type Schema } from './json-schema';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 8);
/** What a refused request may leave: that it came, the file in which lines are wrong, and an Idempotency-Key that goes on to stand for the refusal. */
const LEFT_BY_REFUSALS = /rate_limit|sessions$|idempotency|audit_|list_totals|upload_jobs|upload_parts/;
const namedSchema = (name: string): Schema =>
  API_DESCRIPTIONS.map(({ schemas }) => schemas[name]).find((schema) => schema !== undefined) ?? anyObject;
const bodyOf = (key: string): Schema =>
  API_DESCRIPTIONS.map(({ routes }) => routes[key]).find((route) => route !== undefined)?.body?.schema ?? {};

/** Routes that take a form: the schema of its `data`, and the name of its file. */
const FORMS = [
  { key: 'PATCH /organization', data: namedSchema('OrganizationChange'), file: 'logo' },
  { key: 'POST /disbursements', data: bodyOf('POST /disbursements'), file: 'file' },
  { key: 'POST /disbursements/:id/instructions', data: {}, file: 'file' },
];
const FORM_KEYS = API_DESCRIPTIONS.flatMap(({ routes }) => Object.entries(routes))
  .filter(([, { body }]) => body?.form !== undefined || body?.mediaTypes?.includes('multipart/form-data'))
  .map(([key]) => key);

const text = (value: string): Buffer => Buffer.from(value);
const HOSTILE_FILES: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.alloc(5_000),
  Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 197) % 256)),
  text(`phone,id,amount,verification\n${'9'.repeat(300_000)}`),
  text(`phone,id,amount,verification\n+14155550100,a\0b,10,1990-01-01\n`),
  Buffer.from(peopleFile(2, { amount: '10' }), 'utf16le'),
  Buffer.from([0xff, 0xfe, ...text('phone,id,amount,verification\n')]),
  text('phone,id,amount,verification\n"never closed,1,1,1990-01-01\n'),
  text(`${'column,'.repeat(20_000)}\n`),
  Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64, 0xff)]),
];
const BROKEN_JSON = ['', '{', '[]', '[{}]', 'null', '"text"', '1e999', '\0', '{"a":1}}', "{'a':1}"];

describe('whatever is sent in a form, a header or a filter', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let foreign: DisbursementWorld;
  let draft: string;
  let token: string;
  let look: string;

  beforeAll(async () => {
    server = await TestServer.start({ STEP_UP_MINUTES: '0' });
    own = await DisbursementWorld.make(server, 'own');
    foreign = await DisbursementWorld.make(server, 'foreign');
    await foreign.ready(2);
    await own.ready(2);
    [draft, token] = [await own.create(), await own.token()];
    const tables = await server.sql(
      `SELECT DISTINCT c.table_schema || '.' || c.table_name AS name FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE t.table_type = 'BASE TABLE' AND c.column_name = 'tenant_id'`,
    );
    look = tables
      .map(({ name }) => String(name))
      .filter((name) => !LEFT_BY_REFUSALS.test(name))
      .map(
        (name) => `SELECT '${name}' AS name, tenant_id::text AS tenant,
                          md5(string_agg(t::text, ' ' ORDER BY t::text)) AS print
                     FROM ${name} t WHERE tenant_id::text = ANY ($1) GROUP BY 2`,
      )
      .join(' UNION ALL ');
  });
  afterAll(() => server.stop());

  /** By organisation, as one text per table. */
  const everything = async (): Promise<Record<string, unknown>> => {
    const rows = await server.sql(`${look} ORDER BY 1, 2`, [[own.tenant.id, foreign.tenant.id]]);
    return Object.fromEntries(
      [own, foreign].map(({ tenant }) => [tenant.id, rows.filter((row) => row['tenant'] === tenant.id)]),
    );
  };
  const send = (key: string, options: CallOptions): Promise<Reply> => {
    const [method = '', path = ''] = key.split(' ');
    return server.call(method, path.replaceAll(/:[a-z_]+/gi, draft), { token, ...options, isWrong: true });
  };
  /** No defect, nothing inside shown, nothing written when refused, and nothing at all of others. */
  async function expectToStand(request: () => Promise<Reply>): Promise<Reply> {
    const before = await everything();
    const reply = await request();
    expect([reply.status < 500, reply.status, reply.text.slice(0, 300)]).toEqual([
      true,
      reply.status,
      reply.text.slice(0, 300),
    ]);
    expect(reply.text).not.toMatch(/\n\s+at |SELECT |INSERT |pg_catalog|node_modules/);
    const after = await everything();
    expect(after[foreign.tenant.id]).toEqual(before[foreign.tenant.id]);
    if (reply.status >= 400) expect(after).toEqual(before);
    return reply;
  }

  it('is looked at for every route that takes a form', () => {
    expect(FORMS.map(({ key }) => key).toSorted()).toEqual(FORM_KEYS.toSorted());
  });

  it.each(FORMS)('is refused whole or taken whole as parts of a form: $key', async ({ key, data, file }) => {
    const part = fc.record({
      name: fc.constantFrom('data', file, 'data', 'unknown', '', '__proto__', 'x'.repeat(300)),
      data: fc.oneof(
        fc.constantFrom(...BROKEN_JSON, nestedJson(20_000), 'x'.repeat(150_000)),
        wronged(valueOf(data, namedSchema, [own.assetId, own.walletId, foreign.assetId])).map((value) =>
          JSON.stringify(value),
        ),
      ),
      content: fc.constantFrom(...HOSTILE_FILES),
      fileName: fc.constantFrom(
        'people.csv',
        '..\\..\\a.csv',
        '../a.csv',
        '.csv',
        `${'n'.repeat(300)}.csv`,
        'logo.png',
      ),
      isFile: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), async (parts) => {
        await expectToStand(() => {
          const body = new FormData();
          for (const one of parts) {
            if (one.isFile) body.append(one.name, new Blob([new Uint8Array(one.content)]), one.fileName);
            else body.append(one.name, one.data);
          }
          return send(key, { body });
        });
      }),
      { numRuns: RUNS },
    );
    for (const content of HOSTILE_FILES) {
      const body = new FormData();
      body.set('data', JSON.stringify(key.endsWith('/disbursements') ? own.bodyOf() : {}));
      body.set(file, new Blob([new Uint8Array(content)]), 'people.csv');
      await expectToStand(() => send(key, { body }));
    }
    await expectToStand(() => {
      const body = new FormData();
      for (let at = 0; at < 2_000; at += 1) body.append(`p${String(at)}`, 'x');
      return send(key, { body });
    });
  });

  it.each(['POST /disbursements', 'PATCH /organization'])(
    'is refused as in a body where a field that nobody knows is nested deep: %s',
    async (key) => {
      const good = key === 'POST /disbursements' ? own.bodyOf() : { organization_name: 'deep aid' };
      const reply = await expectToStand(() => {
        const body = new FormData();
        const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
        body.set('data', JSON.stringify(good).replace(/\}$/, `,"extra":${deep}}`));
        if (key === 'POST /disbursements') body.set('file', new Blob([peopleFile(1)]), 'people.csv');
        return send(key, { body });
      });
      expect([reply.status, reply.body]).toMatchObject([
        400,
        { extras: { body: 'JSON may be nested 32 levels deep at most' } },
      ]);
    },
  );

  it.each(FORMS)('is refused where the form itself is broken: $key', async ({ key, file }) => {
    const head = `--b\r\nContent-Disposition: form-data; name="${file}"; filename="a.csv"\r\n\r\n`;
    const bodies: readonly (readonly [string, string])[] = [
      ['multipart/form-data', `${head}x\r\n--b--\r\n`],
      ['multipart/form-data; boundary=', `${head}x\r\n--b--\r\n`],
      ['multipart/form-data; boundary=other', `${head}x\r\n--b--\r\n`],
      ['multipart/form-data; boundary=b', ''],
      ['multipart/form-data; boundary=b', head],
      ['multipart/form-data; boundary=b', `${head}x\r\n--b`],
      ['multipart/form-data; boundary=b', `--b\r\n${'X: y\r\n'.repeat(5_000)}\r\nx\r\n--b--\r\n`],
      ['multipart/form-data; boundary=b', `--b\r\nno colon\r\n\r\nx\r\n--b--\r\n`],
      ['multipart/mixed; boundary=b', `${head}x\r\n--b--\r\n`],
      [`multipart/form-data; boundary=${'b'.repeat(5_000)}`, `${head}x\r\n--b--\r\n`],
    ];
    for (const [type, body] of bodies) {
      const reply = await expectToStand(() => send(key, { body, headers: { 'content-type': type } }));
      expect([type.slice(0, 60), body.slice(-20), reply.status >= 400]).toEqual([
        type.slice(0, 60),
        body.slice(-20),
        true,
      ]);
    }
  });

  it('is refused in a header that has a meaning', async () => {
    const json = (): object => own.bodyOf();
    for (const key of ['', ' ', 'k'.repeat(256), 'k'.repeat(5_000), 'a\tb', 'ü', '\u0080']) {
      const headers = { 'Idempotency-Key': key };
      const reply = await expectToStand(() => send('POST /disbursements', { json: json(), headers }));
      // An empty or blank header is none, as HTTP clients send it.
      if (key.length > 255) expect([key.length, reply.status]).toEqual([key.length, 400]);
    }
    for (const name of ['foreign', 'nobody', "' OR 1=1", 'x'.repeat(5_000), 'own, foreign', '%00']) {
      const headers = { 'SDP-Tenant-Name': name };
      const reply = await expectToStand(() => send('POST /disbursements', { json: json(), headers }));
      expect([name, reply.status]).toEqual([name, 401]);
    }
    for (const device of ['', 'd'.repeat(8_000), "'", 'ü', '\t']) {
      const headers = { 'SDP-Tenant-Name': 'own', 'Device-ID': device };
      const login = { email: 'nobody@own.test', password: 'wrong' };
      expect((await server.call('POST', '/login', { json: login, headers, isWrong: true })).status).toBe(401);
      await expectToStand(() => send('POST /mfa', { json: { mfa_code: '000000' }, headers }));
    }
  });

  const LISTS = API_DESCRIPTIONS.flatMap(({ routes }) => Object.entries(routes))
    .filter(([key]) => key.startsWith('GET '))
    .map(([key, { query }]) => ({ key, names: Object.keys(query ?? {}) }))
    .filter(({ names }) => names.length > 0);

  it.each(LISTS)('is refused or answered as a filter, and shows nothing of others: $key', async (list) => {
    const values = [
      '',
      '0',
      '-1',
      '1e9',
      "'",
      '%00',
      '%ff',
      '%F0%9F%92%A5',
      '2026-02-30',
      'null',
      ',,,',
      'a,b',
    ];
    const ids = [foreign.assetId, foreign.walletId, 'x'.repeat(2_000)];
    // Pages and orders are tried in wrong-input.int-spec.ts.
    const names = list.names.filter((name) => !/^(page|page_limit|sort|direction)$/.test(name));
    for (const name of [...names, 'wallet', 'supported_assets']) {
      const queries = [...values, ...ids].flatMap((value) => [`${name}=${value}`]);
      queries.push(`${name}=a&${name}=b`, `${name}[]=a`, `${name}[__proto__][b]=c`);
      const replies = await Promise.all(queries.map((query) => send(list.key.replace(/$/, `?${query}`), {})));
      for (const [at, { status, text: answer }] of replies.entries()) {
        expect([queries[at], status < 500, answer.slice(0, 200)]).toEqual([
          queries[at],
          true,
          answer.slice(0, 200),
        ]);
        expect(answer).not.toMatch(/\n\s+at |SELECT |INSERT |pg_catalog|node_modules/);
        expect(status < 400 && answer.includes('foreign.')).toBe(false);
      }
    }
  });
});
