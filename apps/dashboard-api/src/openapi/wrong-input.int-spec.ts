import fc from 'fast-check';
import { Client } from 'pg';

import { PUBLIC_ROUTES, STAFF_ROUTES } from '../access/route-access';
import { DisbursementWorld } from '../testing/disbursement-world';
import { eachFieldWronged, nestedJson, valueOf, wronged } from '../testing/hostile-input';
import { type CallOptions, type Reply, TEST_ACCOUNT, TestServer } from '../testing/test-server';
import type { ApiDescription } from './api-description';
import { API_DESCRIPTIONS, OPERATOR_DESCRIPTION } from './api-descriptions';
import { anyObject, type Schema } from './json-schema';

/** How many calls are tried per route. More of them, and others (FUZZ_SEED), look for defects; see CONTRIBUTING.md. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10);
/** What a refused request may leave: that it came, that somebody tried, and a question that is used up. */
const LEFT_BY_REFUSALS =
  /rate_limit|login_|sessions$|refresh_tokens|known_places|challenges|mfa|waits|idempotency|audit_|list_totals/;
const DESCRIPTIONS: readonly ApiDescription[] = [...API_DESCRIPTIONS, OPERATOR_DESCRIPTION];
const STAFF = [...STAFF_ROUTES, ...PUBLIC_ROUTES].map(({ method, path }) => `${method} ${path}`);
const ROUTES = [
  ...STAFF.map((key) => ({ key, server: 'staff' as const })),
  ...Object.keys(OPERATOR_DESCRIPTION.routes).map((key) => ({ key, server: 'operator' as const })),
];

/** Right bodies of routes that look at the body before the id: nothing but the id is wrong then. */
const RIGHT_BODIES: Readonly<Record<string, object>> = {
  'PATCH /api-keys/:id': { permissions: ['read:all'] },
  'PATCH /disbursements/:id/status': { status: 'STARTED' },
  'PATCH /payments/:id/status': { status: 'CANCELED' },
  'PATCH /receivers/:id': { external_id: 'taken over' },
  'PATCH /receivers/:receiver_id/wallets/:id': { stellar_address: TEST_ACCOUNT },
  'PATCH /receivers/wallets/:id/status': { status: 'READY' },
  'PATCH /wallets/:id': { enabled: false },
};
/** Routes that say 400 of an id that is not theirs, as the documented API does. */
const SAID_BEFORE_404: Readonly<Record<string, string>> = {
  'POST /disbursements/:id/instructions': 'disbursement ID is invalid',
};

const isPublic = (key: string): boolean =>
  PUBLIC_ROUTES.some(({ method, path }) => `${method} ${path}` === key);
const namedSchema = (name: string): Schema =>
  DESCRIPTIONS.map(({ schemas }) => schemas[name]).find((schema) => schema !== undefined) ?? anyObject;
const bodyOf = (key: string): Schema | undefined =>
  DESCRIPTIONS.map(({ routes }) => routes[key]).find((route) => route !== undefined)?.body?.schema;

describe('whatever is sent to the API', () => {
  let server: TestServer;
  let own: DisbursementWorld;
  let foreign: DisbursementWorld;
  let token: string;
  let onlooker: Client;
  let tables: string[];
  let foreignIds: string[];
  let ownIds: string[];

  beforeAll(async () => {
    server = await TestServer.start();
    onlooker = new Client({ connectionString: server.database.superuserUrl });
    await onlooker.connect();
    [own, foreign] = [
      await DisbursementWorld.make(server, 'own'),
      await DisbursementWorld.make(server, 'foreign'),
    ];
    for (const world of [own, foreign]) {
      world.fund(1_000n * 10_000_000n);
      await world.started(2);
      await world.ready(1);
      await world.token('approver');
    }
    token = await server.tokenFor(own.tenant, 'owner');
    const found = await server.sql(
      `SELECT c.table_schema || '.' || c.table_name AS name, bool_or(c.column_name = 'id' AND c.data_type = 'uuid') AS has_id
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
        GROUP BY 1 HAVING bool_or(c.column_name = 'tenant_id') ORDER BY 1`,
    );
    tables = found.map(({ name }) => String(name));
    const withId = found.filter(({ has_id: hasId }) => hasId === true).map(({ name }) => String(name));
    const idsOf = async ({ tenant }: DisbursementWorld): Promise<string[]> => {
      const parts = withId.map((table) => `(SELECT id::text FROM ${table} WHERE tenant_id = $1 LIMIT 3)`);
      return (await server.sql(parts.join(' UNION '), [tenant.id])).map(({ id }) => String(id));
    };
    [ownIds, foreignIds] = [await idsOf(own), [...(await idsOf(foreign)), foreign.tenant.id]];
  });
  afterAll(async () => {
    await onlooker.end();
    await server.stop();
  });

  /** Everything that a tenant has, as one text per table. */
  async function everythingOf(world: DisbursementWorld, except?: RegExp): Promise<Record<string, unknown>> {
    const parts = tables
      .filter((table) => except?.test(table) !== true)
      .map(
        (table) =>
          `(SELECT '${table}' AS name, md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) AS print
              FROM ${table} t WHERE tenant_id = $1)`,
      );
    const { rows } = await onlooker.query<{ name: string; print: string }>(parts.join(' UNION ALL '), [
      world.tenant.id,
    ]);
    return Object.fromEntries(rows.map(({ name, print }) => [name, print]));
  }

  async function send(route: (typeof ROUTES)[number], path: string, options: CallOptions): Promise<Reply> {
    const [method = ''] = route.key.split(' ');
    if (route.server === 'operator') return await server.operate(method, path, { ...options, isWrong: true });
    const headers = { 'SDP-Tenant-Name': 'own', 'Device-ID': 'a device', ...options.headers };
    const call = (): Promise<Reply> =>
      server.call(method, path, { ...options, headers, token, isWrong: true });
    const reply = await call();
    if (reply.status !== 401 || isPublic(route.key)) return reply;
    // The call before may have ended the session.
    token = await server.tokenFor(own.tenant, 'owner');
    return await call();
  }

  const pathOf = (key: string, id: string): string =>
    (key.split(' ')[1] ?? '').replaceAll(/:[a-zA-Z_]+/g, encodeURIComponent(id));

  it.each(ROUTES.filter(({ key }) => key.includes(':') && key !== 'GET /docs/:asset'))(
    'shows and changes nothing of another organisation by its ids: $key',
    async (route) => {
      // The operator is there for all organisations.
      if (route.server === 'operator') return;
      const before = await everythingOf(foreign);
      for (const id of foreignIds) {
        const schema = bodyOf(route.key);
        const [sample] = fc.sample(valueOf(schema ?? {}, namedSchema, foreignIds), 1);
        const body = schema === undefined ? {} : { json: RIGHT_BODIES[route.key] ?? sample };
        const reply = await send(route, pathOf(route.key, id), body);
        const before404 = SAID_BEFORE_404[route.key];
        if (before404 === undefined) expect([reply.text, reply.status]).toEqual([reply.text, 404]);
        else expect([reply.status, reply.body]).toEqual([400, { error: before404 }]);
      }
      expect(await everythingOf(foreign)).toEqual(before);
    },
  );

  it.each(ROUTES.filter(({ key }) => bodyOf(key) !== undefined))(
    'has no field whose type is not looked at: $key',
    async (route) => {
      const body = valueOf(bodyOf(route.key) ?? {}, namedSchema, ownIds);
      for (const sample of fc.sample(body, { numRuns: 2, seed: 1 })) {
        for (const json of eachFieldWronged(sample)) {
          for (const id of route.key.includes(':') ? ownIds.slice(0, 3) : ['']) {
            const reply = await send(route, pathOf(route.key, id), { json });
            expect([json, reply.text, reply.status < 500]).toEqual([json, reply.text, true]);
          }
        }
      }
    },
  );

  it.each(ROUTES)(
    'is answered with no defect, writes nothing when refused, and nothing elsewhere: $key',
    async (route) => {
      const [method = ''] = route.key.split(' ');
      const schema = bodyOf(route.key);
      const ids = [...ownIds, ...foreignIds, '00000000-0000-7000-8000-000000000000'];
      const body = schema === undefined ? fc.constant(undefined) : wronged(valueOf(schema, namedSchema, ids));
      const id = fc.oneof(
        fc.constantFrom(...ids, '%00', '..', "'", '%ff', 'x'.repeat(3_000), '١٢٣'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => text.toWellFormed()),
      );
      const query = fc.dictionary(
        fc.constantFrom(
          'page',
          'page_limit',
          'sort',
          'direction',
          'q',
          'status',
          'created_at_after',
          'enabled',
          'type',
          'receiver_id',
        ),
        fc.constantFrom(
          '',
          '0',
          '-1',
          '1e9',
          '999999999999',
          "'",
          '%00',
          '2026-02-30',
          '0001-01-01',
          'asc',
          'READY',
          'x'.repeat(2_000),
        ),
        { maxKeys: 3 },
      );
      const foreignBefore = await everythingOf(foreign);
      await fc.assert(
        fc.asyncProperty(id, query, body, async (wrongId, params, json) => {
          const before = method === 'GET' ? {} : await everythingOf(own, LEFT_BY_REFUSALS);
          const search = Object.entries(params).map(([name, value]) => `${name}=${value}`);
          const reply = await send(
            route,
            `${pathOf(route.key, wrongId)}?${search.join('&')}`,
            json === undefined ? {} : { json },
          );
          expect([reply.status, reply.text.slice(0, 300), reply.status < 500]).toEqual([
            reply.status,
            reply.text.slice(0, 300),
            true,
          ]);
          expect(reply.text).not.toMatch(/\n\s+at |SELECT |INSERT |pg_catalog|node_modules/);
          if (method !== 'GET' && reply.status >= 400) {
            expect(await everythingOf(own, LEFT_BY_REFUSALS)).toEqual(before);
          }
        }),
        { numRuns: RUNS },
      );
      const text = await send(
        route,
        pathOf(route.key, ownIds[0] ?? ''),
        method === 'GET' ? {} : { body: nestedJson(20_000) },
      );
      expect(text.status).toBeLessThan(500);
      // The operator may well name a tenant in a body.
      if (route.server === 'staff') expect(await everythingOf(foreign)).toEqual(foreignBefore);
    },
  );
});
