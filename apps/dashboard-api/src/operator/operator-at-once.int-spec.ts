import { newId } from '@libs/kernel';

import { OPERATOR_DESCRIPTION } from '../openapi/api-descriptions';
import { type Reply, TestServer, type TestTenant } from '../testing/test-server';

interface Case {
  /** A path of its own, what is sent to it, and a view of what it may have changed: the same for the same effect. */
  readonly given: () => Promise<{
    readonly path: string;
    readonly one?: object;
    readonly other?: object;
    readonly state: () => Promise<unknown>;
  }>;
  /** Set where two different bodies are two effects, with the reason. */
  readonly both?: string;
}

describe('two requests of the operator at the same time', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ SINGLE_TENANT_MODE: 'true' });
  });
  afterAll(() => server.stop());

  /** Letters alone, as the names of tenants are. */
  const newName = (): string =>
    `t-${newId()
      .replaceAll(/\W/g, '')
      .replaceAll(/\d/g, (digit) => String.fromCodePoint(103 + Number(digit)))}`;
  const newTenant = (): Promise<TestTenant> => server.tenant(newName());
  const tenantOf = async ({ id }: TestTenant): Promise<unknown> => ({
    tenants: await server.sql(
      `SELECT status, deleted_at IS NOT NULL AS is_gone, jsonb_array_length(status_history) AS steps,
              replace(base_url, name, 'it') AS base_url, replace(sdp_ui_base_url, name, 'it') AS sdp_ui_base_url
         FROM tenants.tenants WHERE id = $1`,
      [id],
    ),
    holds: await server.sql('SELECT reason FROM submissions.holds WHERE tenant_id = $1', [id]),
  });
  /** How many changes the log tells; a request that only looked under a lock may stand there with none. */
  const logOf = async ({ id }: TestTenant): Promise<number> => {
    const rows = await server.sql(
      `SELECT FROM identity.audit_log WHERE tenant_id = $1 AND after IS NOT NULL`,
      [id],
    );
    return rows.length;
  };
  const paying = async (): Promise<unknown> => ({
    holds: await server.sql('SELECT reason FROM submissions.global_holds ORDER BY reason'),
    decisions: await server.sql(
      `SELECT kind, subject FROM submissions.operator_decisions WHERE kind LIKE '%-paying' ORDER BY kind, subject`,
    ),
  });
  async function noStops(): Promise<void> {
    await server.sql('DELETE FROM submissions.global_holds');
    await server.sql('TRUNCATE submissions.operator_decisions');
  }
  const ceiling = (perHour: string | null) => ({
    ...{ asset_code: 'XLM', amount_per_hour: perHour, reason: 'a test' },
  });
  const ceilingsOf = ({ id }: TestTenant) =>
    server.sql(
      'SELECT asset_code, per_hour::text FROM submissions.outflow_ceilings WHERE tenant_id = $1 ORDER BY 1',
      [id],
    );

  const CASES: Readonly<Record<string, Case>> = {
    'POST /tenants': {
      given: () => {
        const name = newName();
        const order = (owner: string) => ({
          name,
          owner_email: `${owner}@new.test`,
          owner_first_name: owner,
          owner_last_name: 'Owner',
          organization_name: owner,
          base_url: `https://${owner}.test`,
          distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
        });
        const state = async (): Promise<unknown> => {
          const [tenant] = await server.sql(
            'SELECT id, status, base_url FROM tenants.tenants WHERE name = $1',
            [name],
          );
          const id = tenant?.['id'];
          return {
            status: tenant?.['status'],
            address: tenant?.['base_url'],
            owners: await server.sql('SELECT email FROM identity.users WHERE tenant_id = $1', [id]),
            names: await server.sql('SELECT name FROM tenants.organizations WHERE tenant_id = $1', [id]),
            letters: (await server.sql('SELECT FROM messages.messages WHERE tenant_id = $1', [id])).length,
          };
        };
        return Promise.resolve({ path: '/tenants', one: order('ada'), other: order('bob'), state });
      },
    },
    'PATCH /tenants/:id': {
      given: async () => {
        const tenant = await newTenant();
        return {
          path: `/tenants/${tenant.id}`,
          one: {
            status: 'TENANT_DEACTIVATED',
            base_url: 'https://a.test',
            sdp_ui_base_url: 'https://a.test',
          },
          other: { base_url: 'https://b.test', sdp_ui_base_url: 'https://b.test' },
          state: () => tenantOf(tenant),
        };
      },
      both: 'one switches off, both move the addresses: the later one has them',
    },
    'DELETE /tenants/:id': {
      given: async () => {
        const tenant = await newTenant();
        const path = `/tenants/${tenant.id}`;
        await server.operate('PATCH', path, { json: { status: 'TENANT_DEACTIVATED' } });
        const state = async () => ({ tenant: await tenantOf(tenant), log: await logOf(tenant) });
        return { path, state };
      },
    },
    'POST /tenants/default-tenant': {
      given: async () => {
        const [one, other] = [await newTenant(), await newTenant()];
        await server.sql('UPDATE tenants.tenants SET is_default = false');
        const state = async (): Promise<unknown> => {
          const rows = await server.sql('SELECT id FROM tenants.tenants WHERE is_default');
          return rows.map(({ id }) => (id === one.id ? 'one' : id === other.id ? 'other' : 'another'));
        };
        return { path: '/tenants/default-tenant', one: { id: one.id }, other: { id: other.id }, state };
      },
    },
    'PUT /tenants/:id/outflow-ceilings': {
      given: async () => {
        const tenant = await newTenant();
        const path = `/tenants/${tenant.id}/outflow-ceilings`;
        return { path, one: ceiling('10'), other: ceiling('20'), state: () => ceilingsOf(tenant) };
      },
    },
    'POST /paying/stop': {
      given: async () => {
        await noStops();
        return { path: '/paying/stop', one: { reason: 'one' }, other: { reason: 'other' }, state: paying };
      },
      both: 'each reason is a stop of its own, lifted by its name',
    },
    'POST /paying/resume': {
      given: async () => {
        await noStops();
        for (const reason of ['one', 'other'])
          await server.operate('POST', '/paying/stop', { json: { reason } });
        const lift = (hold: string) => ({ hold, reason: 'checked' });
        return { path: '/paying/resume', one: lift('one'), other: lift('other'), state: paying };
      },
      both: 'each lifts the stop that it names',
    },
  };

  it('are looked at on every route that changes something', () => {
    const mutating = Object.keys(OPERATOR_DESCRIPTION.routes).filter((key) => !key.startsWith('GET '));
    expect(Object.keys(CASES).toSorted()).toEqual(mutating.toSorted());
  });

  type Body = 'one' | 'other';
  /** What is there after requests with these bodies: at once, or one after the other. */
  async function after(
    route: string,
    bodies: readonly Body[],
    how: 'at once' | 'in turn' = 'at once',
  ): Promise<{ readonly before: unknown; readonly state: unknown; readonly replies: readonly Reply[] }> {
    const { path, state, ...sent } = (await CASES[route]?.given()) ?? { path: '', state: () => null };
    const before = await state();
    const send = (body: Body): Promise<Reply> => {
      const json = 'one' in sent ? sent[body] : undefined;
      return server.operate(route.split(' ')[0] ?? '', path, json === undefined ? {} : { json });
    };
    const replies: Reply[] = [];
    if (how === 'in turn') for (const body of bodies) replies.push(await send(body));
    else replies.push(...(await Promise.all(bodies.map(send))));
    return { before, state: await state(), replies };
  }
  const isDone = ({ status }: Reply): boolean => status >= 200 && status < 300;

  describe.each(Object.entries(CASES))('%s', (route, { both }) => {
    it('with the same body have the effect of one', async () => {
      const alone = await after(route, ['one']);
      expect(alone.replies.every(isDone)).toBe(true);
      expect(alone.state).not.toEqual(alone.before);
      const many = await after(route, ['one', 'one', 'one', 'one']);
      expect(Math.max(...many.replies.map(({ status }) => status))).toBeLessThan(500);
      expect(many.replies.some(isDone)).toBe(true);
      expect(many.state).toEqual(alone.state);
    });

    it('with different bodies have the effect of one of them, or of one after the other', async () => {
      const { state, replies } = await after(route, ['one', 'other']);
      expect(Math.max(...replies.map(({ status }) => status))).toBeLessThan(500);
      expect(replies.some(isDone)).toBe(true);
      const allowed =
        both === undefined
          ? [await after(route, ['one']), await after(route, ['other'])]
          : [
              await after(route, ['one', 'other'], 'in turn'),
              await after(route, ['other', 'one'], 'in turn'),
            ];
      if (both !== undefined) expect(replies.every(isDone)).toBe(true);
      expect(allowed.map((one) => one.state)).toContainEqual(state);
    });
  });

  it('remove a ceiling once', async () => {
    const tenant = await newTenant();
    const path = `/tenants/${tenant.id}/outflow-ceilings`;
    await server.operate('PUT', path, { json: ceiling('10') });
    const remove = (): Promise<Reply> => server.operate('PUT', path, { json: ceiling(null) });
    const replies = await Promise.all([remove(), remove(), remove()]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 404, 404]);
    expect(await ceilingsOf(tenant)).toEqual([]);
    const decisions = await server.sql(
      `SELECT details ->> 'per_hour' AS per_hour FROM submissions.operator_decisions WHERE subject = $1 ORDER BY decided_at`,
      [tenant.id],
    );
    expect(decisions).toEqual([{ per_hour: '100000000' }, { per_hour: null }]);
  });

  it('lift one unnamed stop, and the other one finds nothing', async () => {
    await noStops();
    await server.operate('POST', '/paying/stop', { json: { reason: 'one' } });
    const resume = (): Promise<Reply> =>
      server.operate('POST', '/paying/resume', { json: { reason: 'checked' } });
    const replies = await Promise.all([resume(), resume(), resume()]);
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
  });
});
