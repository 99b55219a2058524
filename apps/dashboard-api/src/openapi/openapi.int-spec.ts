import { registeredRoutes } from '../access/route-check';
import { STAFF_ROUTES } from '../access/route-access';
import { DocumentedAnswers } from '../testing/documented-answers';
import { TestServer } from '../testing/test-server';
import { API_DESCRIPTIONS, OPERATOR_DESCRIPTION } from './api-descriptions';
import { openApiDocument } from './open-api-document';

type Operation = Record<string, unknown>;

const operationsOf = (document: Record<string, unknown>): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  );

describe('the document of the API', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  it('describes every route of both servers, and no other', () => {
    const described = [...API_DESCRIPTIONS, OPERATOR_DESCRIPTION].flatMap(({ routes }) =>
      Object.keys(routes),
    );
    const registered = [...registeredRoutes(server.app), ...registeredRoutes(server.operatorApp)];
    expect([...new Set(described)].sort()).toEqual([...new Set(registered)].sort());
    expect(described).toHaveLength(new Set(described).size);
  });

  it('says of every route who may call it, as the table of access does', () => {
    const operations = operationsOf(openApiDocument('test'));
    for (const route of STAFF_ROUTES) {
      const path = route.path.replaceAll(/:([a-z_]+)/gi, '{$1}');
      expect(operations[`${route.method} ${path}`]).toMatchObject({
        'x-permission': route.permission,
        'x-roles': route.roles,
        security: [
          { token: [] },
          ...(route.person === true ? [] : [{ apiKey: [] }]),
          ...(route.byRefreshToken === true ? [{}] : []),
        ],
      });
    }
    expect(operations['POST /login']).toMatchObject({ security: [] });
    expect(operations['POST /tenants']).toMatchObject({ security: [{ operator: [] }] });
  });

  it('may be told the organisation wherever neither a token nor an order of the operator does', () => {
    const told = Object.entries(operationsOf(openApiDocument('test'))).flatMap(([key, operation]) =>
      JSON.stringify(operation['parameters']).includes('"SDP-Tenant-Name"') ? [key] : [],
    );
    for (const { method, path, person } of STAFF_ROUTES) {
      const key = `${method} ${path.replaceAll(/:([a-z_]+)/gi, '{$1}')}`;
      expect([key, told.includes(key)]).toEqual([key, person !== true]);
    }
    expect(told).toContain('POST /login');
    expect(told).not.toContain('POST /tenants');
  });

  it('names each filter of the audit log, for the list and the export', () => {
    const operations = operationsOf(openApiDocument('test'));
    for (const key of ['GET /audit', 'GET /exports/audit']) {
      const named = (name: string, schema: object) => expect.objectContaining({ name, schema }) as unknown;
      expect(operations[key]?.['parameters']).toEqual(
        expect.arrayContaining([
          named('actor_type', { type: 'string', enum: ['user', 'api_key', 'operator', 'system'] }),
          named('request_id', expect.anything() as object),
        ]),
      );
    }
  });

  it('takes an Idempotency-Key, and may answer 409, wherever money is made or moved', () => {
    const operations = operationsOf(openApiDocument('test'));
    const moving = STAFF_ROUTES.filter(
      ({ method, permission }) =>
        (method === 'POST' || method === 'PATCH') && /^write:(disbursements|payments)$/.test(permission),
    );
    expect(moving).toHaveLength(7);
    for (const { method, path } of moving) {
      expect(operations[`${method} ${path.replaceAll(/:([a-z_]+)/gi, '{$1}')}`]).toMatchObject({
        parameters: expect.arrayContaining([
          expect.objectContaining({ in: 'header', name: 'Idempotency-Key' }),
        ]) as unknown,
        responses: { 409: expect.anything() as unknown },
      });
    }
  });

  it('says in which order receivers come, what a new wallet must have, and what nothing reads it does not name', () => {
    const operations = operationsOf(openApiDocument('test'));
    expect(operations['GET /receivers']?.['parameters']).toContainEqual(
      expect.objectContaining({
        name: 'sort',
        schema: expect.objectContaining({ default: 'updated_at' }) as unknown,
      }),
    );
    const wallet = JSON.stringify(operations['POST /wallets']);
    expect(wallet).toContain('"if":{"not":{"required":["assets_ids"]}},"then":{"required":["assets"]}');
    expect(wallet).not.toContain('api_token');
  });

  it('names each operation once, and refers to nothing that it does not hold', () => {
    const document = openApiDocument('test');
    const ids = Object.values(operationsOf(document)).map((operation) => operation['operationId']);
    expect(ids).toHaveLength(new Set(ids).size);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path]) => path,
    );
    expect(references.length).toBeGreaterThan(100);
    for (const path of new Set(references)) {
      const found = path
        ?.split('/')
        .reduce<unknown>((inner, name) => Reflect.get(Object(inner), name), document);
      expect([path, typeof found]).toEqual([path, 'object']);
    }
  });

  it('is served as JSON, and as a page that loads nothing from elsewhere', async () => {
    const reply = await server.call('GET', '/openapi.json');
    expect(reply.body).toMatchObject({ openapi: '3.1.0', info: { title: 'Distributary' } });
    const page = await server.call('GET', '/docs');
    expect(page.headers.get('content-type')).toContain('text/html');
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? '');
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      const { status, text } = await server.call('GET', `/${part}`);
      expect([part, status, text.length > 50]).toEqual([part, 200, true]);
    }
    const below = await (await fetch(`${server.url}/docs/`)).text();
    expect(below.replace('    <base href="../" />\n', '')).toBe(page.text);
    expect(below).not.toBe(page.text);
    for (const unknown of ['package.json', '..%2fpackage.json', 'toString', '__proto__']) {
      expect((await server.call('GET', `/docs/${unknown}`)).status).toBe(404);
    }
  });
});

describe('the comparison of answers with the document', () => {
  const documented = new DocumentedAnswers();
  const profile = {
    id: '01a1fee4-149f-784e-9a72-a0aa00000000',
    first_name: 'A',
    last_name: 'B',
    email: 'a@b.test',
    roles: ['owner'],
    organization_name: 'C',
  };
  const exchange = {
    server: 'staff',
    method: 'GET',
    path: '/profile',
    sent: undefined,
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body: profile,
  } as const;

  it('finds an undocumented status, field, kind of answer and accepted body', () => {
    expect(documented.mistake(exchange)).toBeNull();
    expect(documented.mistake({ ...exchange, status: 418 })).toContain('this status is not documented');
    expect(documented.mistake({ ...exchange, body: { ...profile, secret: 'x' } })).toContain('additional');
    expect(documented.mistake({ ...exchange, body: { ...profile, roles: ['king'] } })).toContain(
      'allowed values',
    );
    expect(documented.mistake({ ...exchange, contentType: 'text/html' })).toContain('text/html');
    const tenant = {
      ...{ id: profile.id, name: 'acme', base_url: 'https://a.test', sdp_ui_base_url: 'https://b.test' },
      ...{ status: 'TENANT_DEACTIVATED', is_default: false, distribution_account_address: null },
      ...{ distribution_account_type: 'x', distribution_account_status: 'ACTIVE', deleted_at: null },
      ...{ created_at: '2026-11-23T00:00:00.000Z', updated_at: '2026-11-23T00:00:00.000Z' },
      may_still_be_paid: [{ payment_id: profile.id, until: '2026-11-23T00:00:00.000Z' }],
    };
    const switched = {
      ...exchange,
      server: 'operator',
      method: 'PATCH',
      path: '/tenants/x',
      body: tenant,
    } as const;
    expect(documented.mistake(switched)).toBeNull();
    const change = { ...exchange, method: 'PATCH', body: { message: 'done' }, sent: { email: 7 } };
    expect(documented.mistake(change)).toContain('must be string');
  });
});
