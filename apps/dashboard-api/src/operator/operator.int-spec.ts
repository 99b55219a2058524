import { fieldOf, newId } from '@libs/kernel';

import { TEST_ACCOUNT, TestServer } from '../testing/test-server';

const OWN_ACCOUNT = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

const order = (name: string, more: object = {}) => ({
  name,
  owner_email: `owner@${name}.test`,
  owner_first_name: 'Ada',
  owner_last_name: 'Owner',
  organization_name: `${name} Relief`,
  distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
  ...more,
});

describe('the operator', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ SINGLE_TENANT_MODE: 'true' });
  });
  afterAll(() => server.stop());

  it('must say who they are, except for health', async () => {
    const wrong = `Basic ${Buffer.from('operator:guess').toString('base64')}`;
    for (const authorization of ['', 'Basic', 'Basic ???', wrong, 'Bearer x']) {
      const reply = await server.operate('GET', '/tenants', { headers: { authorization } });
      expect(reply.status).toBe(401);
      expect(reply.headers.get('www-authenticate')).toContain('Basic');
    }
    const health = await server.operate('GET', '/health', { headers: { authorization: '' } });
    expect(health.body).toMatchObject({ status: 'pass', service_id: 'admin' });
  });

  it('creates a tenant that shares the host account, with everything it needs', async () => {
    const reply = await server.operate('POST', '/tenants', { json: order('acme') });
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      id: expect.any(String) as unknown,
      name: 'acme',
      base_url: 'http://acme.pay.test',
      sdp_ui_base_url: 'http://acme.staff.test',
      status: 'TENANT_PROVISIONED',
      is_default: false,
      created_at: expect.any(String) as unknown,
      updated_at: expect.any(String) as unknown,
      deleted_at: null,
      distribution_account_address: TEST_ACCOUNT,
      distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
      distribution_account_status: 'ACTIVE',
    });
    const found = await server.operate('GET', '/tenants/acme');
    expect(found.body).toEqual(reply.body);
    const events = await server.events();
    expect(events.map(({ topic }) => topic)).toEqual(['events.messages.requested']);
    expect(await server.sql('SELECT code FROM catalogue.assets')).toEqual([{ code: 'XLM' }]);
    const wallets = await server.sql('SELECT name, user_managed FROM catalogue.wallets ORDER BY name');
    expect(wallets).toEqual([
      { name: 'Demo Wallet', user_managed: false },
      { name: 'User Managed Wallet', user_managed: true },
    ]);
  });

  it('is told when the name is taken', async () => {
    const reply = await server.operate('POST', '/tenants', { json: order('acme') });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ error: 'Tenant name already exists' });
  });

  it('is told that the first part of an address of the service is no name, unless the tenant is given that address', async () => {
    const headers = { 'x-forwarded-host': 'console.pay.example.org' };
    const refused = await server.operate('POST', '/tenants', { json: order('console'), headers });
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      error: 'invalid request body',
      extras: {
        name: 'console.pay.example.org is an address of this service, not of a tenant: choose another name',
      },
    });
    const meant = { ...order('console'), base_url: 'https://console.pay.example.org' };
    expect((await server.operate('POST', '/tenants', { json: meant, headers })).status).toBe(201);
  });

  it('is told everything that is wrong at once', async () => {
    const reply = await server.operate('POST', '/tenants', {
      json: { name: 'Not A Name', owner_email: 'x', organization_name: 'x', base_url: 'http:nowhere' },
    });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'invalid request body',
      extras: {
        name: 'invalid tenant name. It should only contains lower case letters and dash (-)',
        owner_email: 'invalid email',
        owner_first_name: 'owner_first_name is required',
        owner_last_name: 'owner_last_name is required',
        organization_name: 'organization_name must have from 2 to 64 characters',
        distribution_account_type: expect.stringContaining('invalid distribution account type') as unknown,
        base_url: 'invalid base URL value',
      },
    });
  });

  it.each(['', ' ', 'https://', 7, []])(
    'is told that %j is no address, and nothing is made',
    async (address) => {
      const reply = await server.operate('POST', '/tenants', {
        json: order('nowhere', { base_url: address, sdp_ui_base_url: address }),
        isWrong: true,
      });
      expect([reply.status, reply.body]).toEqual([
        400,
        {
          error: 'invalid request body',
          extras: { base_url: 'invalid base URL value', sdp_ui_base_url: 'invalid SDP UI base URL value' },
        },
      ]);
      expect(await server.sql(`SELECT FROM tenants.tenants WHERE name = 'nowhere'`)).toEqual([]);
    },
  );

  it('has names counted as the database counts them, with what changes the look of a sign', async () => {
    const sun = '☀️';
    const names = (owner: number, organization: number) => ({
      owner_first_name: sun.repeat(owner),
      owner_last_name: sun.repeat(owner),
      organization_name: sun.repeat(organization),
    });
    const reply = await server.operate('POST', '/tenants', { json: order('sunny', names(65, 33)) });
    expect([reply.status, reply.body]).toEqual([
      400,
      {
        error: 'invalid request body',
        extras: {
          owner_first_name: 'owner_first_name cannot exceed 128 characters',
          owner_last_name: 'owner_last_name cannot exceed 128 characters',
          organization_name: 'organization_name must have from 2 to 64 characters',
        },
      },
    ]);
    expect((await server.operate('POST', '/tenants', { json: order('sunny', names(64, 32)) })).status).toBe(
      201,
    );
  });

  it('leaves nothing of an order that was refused', async () => {
    const json = order('blank', { owner_first_name: 'A\u0000da', owner_last_name: ' ' });
    const reply = await server.operate('POST', '/tenants', { json });
    expect([reply.status, reply.body]).toEqual([
      400,
      {
        error: 'invalid request body',
        extras: {
          owner_first_name: 'owner_first_name is required',
          owner_last_name: 'owner_last_name is required',
        },
      },
    ]);
    expect((await server.operate('GET', '/tenants/blank')).status).toBe(404);
  });

  it('finishes a tenant with an account of its own when the account is there', async () => {
    const json = order('vaulted', { distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT' });
    const creating = server.operate('POST', '/tenants', { json });
    let requests: Record<string, unknown>[] = [];
    while (requests.length === 0) requests = await server.openLedgerRequests();
    expect(requests).toMatchObject([{ action: 'create-account' }]);
    const [request = {}] = requests;
    const seen = await server.operate('GET', '/tenants/vaulted');
    expect(seen.body).toMatchObject({ status: 'TENANT_CREATED', distribution_account_address: null });
    await server.answerLedgerRequest(request, { account: OWN_ACCOUNT });
    await server.answerLedgerRequest(request, { account: TEST_ACCOUNT });
    const reply = await creating;
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      status: 'TENANT_PROVISIONED',
      distribution_account_address: OWN_ACCOUNT,
    });
  });

  it('can repeat what was refused, and it goes on where it stopped', async () => {
    const json = order('again', { distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT' });
    for (const answer of [{ reason: 'the host account has no XLM' }, { account: OWN_ACCOUNT }]) {
      const creating = server.operate('POST', '/tenants', { json });
      let requests: Record<string, unknown>[] = [];
      while (requests.length === 0) requests = await server.openLedgerRequests();
      await server.answerLedgerRequest(requests[0] ?? {}, answer);
      const reply = await creating;
      if (answer.reason === undefined) expect(reply.status).toBe(201);
      else expect(reply.body).toMatchObject({ extras: { error_details: 'the host account has no XLM' } });
    }
    const owners = await server.sql(`SELECT email FROM identity.users WHERE email = 'owner@again.test'`);
    expect(owners).toHaveLength(1);
  });

  it('takes no other order for a tenant that is being made, and tells its log of none', async () => {
    const json = order('firm', {
      distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT',
      base_url: 'https://first.test',
    });
    const creating = server.operate('POST', '/tenants', { json });
    let requests: Record<string, unknown>[] = [];
    while (requests.length === 0) requests = await server.openLedgerRequests();
    const other = {
      ...{ distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV', base_url: 'https://second.test' },
      ...{ sdp_ui_base_url: 'https://second.test', organization_name: 'Second', owner_email: 'b@firm.test' },
      ...{ owner_first_name: 'Bob', owner_last_name: 'Second' },
    };
    const reply = await server.operate('POST', '/tenants', { json: { ...json, ...other } });
    const kept = (text: string): string =>
      `the tenant is being made with ${text}: repeat the order with that`;
    expect([reply.status, reply.body]).toEqual([
      400,
      {
        error: 'Tenant name already exists',
        extras: {
          distribution_account_type: kept('DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT'),
          base_url: kept('https://first.test'),
          sdp_ui_base_url: kept('http://firm.staff.test'),
          organization_name: kept('firm Relief'),
          owner_email: kept('owner@firm.test'),
          owner_first_name: kept('Ada'),
          owner_last_name: kept('Owner'),
        },
      },
    ]);
    for (const [field, value] of Object.entries(other)) {
      const one = await server.operate('POST', '/tenants', { json: { ...json, [field]: value } });
      expect(Object.keys(fieldOf(one.body, 'extras') as object)).toEqual([field]);
    }
    await server.answerLedgerRequest(requests[0] ?? {}, { account: OWN_ACCOUNT });
    const made = (await creating).body;
    expect(made).toMatchObject({ distribution_account_address: OWN_ACCOUNT });
    const log = await server.sql(
      `SELECT after ->> 'organization_name' AS name FROM identity.audit_log WHERE tenant_id = $1 AND action = 'POST /tenants'`,
      [Reflect.get(Object(made), 'id')],
    );
    expect(log).toEqual([{ name: 'firm Relief' }]);
  });

  it('makes one tenant out of many requests for the same name at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => server.operate('POST', '/tenants', { json: order('crowd') })),
    );
    for (const { status } of replies) expect([201, 400]).toContain(status);
    expect(replies.some(({ status }) => status === 201)).toBe(true);
    expect(await server.sql(`SELECT id FROM tenants.tenants WHERE name = 'crowd'`)).toHaveLength(1);
    expect(await server.sql(`SELECT id FROM identity.users WHERE email = 'owner@crowd.test'`)).toHaveLength(
      1,
    );
  });

  it('names the default tenant', async () => {
    const found = await server.operate('GET', '/tenants/acme');
    const id: unknown = Reflect.get(Object(found.body), 'id');
    const reply = await server.operate('POST', '/tenants/default-tenant', { json: { id } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ name: 'acme', is_default: true });
    expect((await server.operate('POST', '/tenants/default-tenant', { json: {} })).status).toBe(400);
    const unknown = await server.operate('POST', '/tenants/default-tenant', { json: { id: newId() } });
    expect(unknown.status).toBe(404);
  });

  it('does not find what is unknown or was switched off', async () => {
    const off = await server.tenant('off');
    await server.sql(`UPDATE tenants.tenants SET status = 'DEACTIVATED' WHERE id = $1`, [off.id]);
    for (const name of ['nobody', 'off', off.id, newId(), "x'--", '%00']) {
      const reply = await server.operate('GET', `/tenants/${name}`);
      expect(reply.status).toBe(404);
    }
    const all = await server.operate('GET', '/tenants');
    expect(all.body).toContainEqual(expect.objectContaining({ name: 'off', status: 'TENANT_DEACTIVATED' }));
  });

  it('is told when a tenant or an asset is still on its way, and it arrives by itself', async () => {
    const hasty = await TestServer.start({}, { ledgerPatienceMs: 50 });
    try {
      const json = order('slow', { distribution_account_type: 'DISTRIBUTION_ACCOUNT.STELLAR.DB_VAULT' });
      const underway = await hasty.operate('POST', '/tenants', { json });
      expect(underway.status).toBe(202);
      expect(underway.body).toMatchObject({ name: 'slow', status: 'TENANT_CREATED' });
      await hasty.operate('POST', '/tenants', { json });
      const requests = await hasty.openLedgerRequests();
      expect(requests).toHaveLength(1);
      await hasty.answerLedgerRequest(requests[0] ?? {}, { account: OWN_ACCOUNT });
      const found = await hasty.operate('GET', '/tenants/slow');
      expect(found.body).toMatchObject({ status: 'TENANT_PROVISIONED' });
      const tenant = { id: String(Reflect.get(Object(found.body), 'id')), name: 'slow' };
      const asset = await hasty.call('POST', '/assets', {
        token: await hasty.tokenFor(tenant, 'financial_controller'),
        json: { code: 'USDC', issuer: TEST_ACCOUNT },
      });
      expect(asset.status).toBe(202);
      expect(asset.body).toMatchObject({
        code: 'USDC',
        message: 'The asset was added. Its trustline is still being created.',
      });
    } finally {
      await hasty.stop();
    }
  });

  it('leaves in the audit log of the organisation what they did', async () => {
    const reply = await server.operate('POST', '/tenants', { json: order('audited') });
    const id = String(Reflect.get(reply.body as object, 'id'));
    await server.operate('POST', '/tenants/default-tenant', { json: { id } });
    await server.operate('POST', '/tenants/default-tenant', { json: { id: newId() } });
    const rows = await server.sql(
      `SELECT actor_type, actor_id, action, subject_id, after ->> 'name' AS name FROM identity.audit_log
        WHERE tenant_id = $1 ORDER BY seq`,
      [id],
    );
    const who = { actor_type: 'operator', actor_id: 'operator' };
    expect(rows).toEqual([
      { ...who, action: 'POST /tenants', subject_id: id, name: 'audited' },
      { ...who, action: 'POST /tenants/default-tenant', subject_id: id, name: null },
    ]);
  });

  it('may not name a default tenant where there are several', async () => {
    const multi = await TestServer.start();
    try {
      const reply = await multi.operate('POST', '/tenants/default-tenant', { json: { id: newId() } });
      expect(reply.status).toBe(403);
    } finally {
      await multi.stop();
    }
  });
});
