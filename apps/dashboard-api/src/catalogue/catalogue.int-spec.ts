import { fieldOf, newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import { type Reply, TEST_ACCOUNT, TestServer, type TestTenant } from '../testing/test-server';

const ISSUER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

describe('the catalogue', () => {
  let server: TestServer;
  let acme: TestTenant;
  let owner: string;
  let stranger: string;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    owner = await server.tokenFor(acme, 'owner');
    stranger = await server.tokenFor(await server.tenant('other'), 'owner');
  });
  afterAll(() => server.stop());

  const get = (path: string, token = owner) => server.call('GET', path, { token });
  const post = (path: string, json: unknown, token = owner) => server.call('POST', path, { json, token });
  const patch = (path: string, json: unknown, token = owner) => server.call('PATCH', path, { json, token });
  const idOf = (body: unknown): string => String(Reflect.get(Object(body), 'id'));

  it('adds XLM at once, and again without a second one', async () => {
    const first = await post('/assets', { code: 'XLM' });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ code: 'XLM', issuer: '', deleted_at: null });
    const second = await post('/assets', { code: 'native' });
    expect(idOf(second.body)).toBe(idOf(first.body));
    expect((await get('/assets')).body).toHaveLength(1);
    expect((await get('/assets', stranger)).body).toEqual([]);
  });

  it('adds an asset when its trustline is there', async () => {
    const adding = post('/assets', { code: 'USDC', issuer: ISSUER });
    let requests: Record<string, unknown>[] = [];
    while (requests.length === 0) requests = await server.openLedgerRequests();
    const [request = {}] = requests;
    expect(request).toMatchObject({ action: 'trust-asset', tenant_id: acme.id });
    const event = (await server.events()).find(({ topic }) => topic === 'events.ledger-account.requested');
    expect(event?.data).toMatchObject({
      action: 'trust-asset',
      asset: { code: 'USDC', issuer: ISSUER },
    });
    await server.answerLedgerRequest(request, { account: TEST_ACCOUNT });
    expect((await adding).status).toBe(201);
  });

  it('says why when the trustline was refused', async () => {
    const adding = post('/assets', { code: 'EURC', issuer: ISSUER });
    let requests: Record<string, unknown>[] = [];
    while (requests.length === 0) requests = await server.openLedgerRequests();
    await server.answerLedgerRequest(requests[0] ?? {}, { reason: 'op_low_reserve' });
    const reply = await adding;
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({ error: 'Could not add trustline: op_low_reserve' });
    expect((await get('/assets')).text).not.toContain('EURC');
    const log = (await get('/audit?page_limit=5')).body as { readonly data: readonly object[] };
    expect(log.data[0]).toMatchObject({
      actor: { type: 'system', id: 'transaction-submission' },
      action: 'events.ledger-account.ready ledger-account-refused',
      subject: { type: 'assets' },
      before: { asset: `EURC:${ISSUER}` },
      after: { refused: 'op_low_reserve' },
    });
  });

  it('keeps an asset that was there before its trustline is refused', async () => {
    const adding = post('/assets', { code: 'USDC', issuer: ISSUER });
    let requests: Record<string, unknown>[] = [];
    while (requests.length === 0) requests = await server.openLedgerRequests();
    await server.answerLedgerRequest(requests[0] ?? {}, { reason: 'op_low_reserve' });
    expect((await adding).status).toBe(422);
    expect((await get('/assets')).text).toContain('USDC');
  });

  it('refuses what is no asset', async () => {
    for (const [json, extras] of [
      [{}, { code: 'code is required' }],
      [{ code: 'USDC' }, { issuer: 'issuer is invalid' }],
      [{ code: 'USDC', issuer: `${ISSUER.slice(0, -1)}A` }, { issuer: 'issuer is invalid' }],
      [{ code: 'TOOLONGCODE13', issuer: ISSUER }, { code: 'code is invalid' }],
      [{ code: 'ÄÖ', issuer: ISSUER }, { code: 'code is invalid' }],
    ] as const) {
      const reply = await post('/assets', json);
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({ error: 'Request invalid', extras });
    }
  });

  it('shows balances, and which assets have a trustline', async () => {
    server.ledger.fund(TEST_ACCOUNT, 5_0000000n, { code: 'USDC', issuer: ISSUER });
    const held = (await get('/assets?enabled=true')).body;
    expect(held).toMatchObject([
      { code: 'USDC', enabled: true, balance: '5.0000000' },
      { code: 'XLM', enabled: true, balance: '1000.0000000' },
    ]);
    await server.sql(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, gen_random_uuid(), 'EURC', $2)
       ON CONFLICT (tenant_id, code, issuer) DO UPDATE SET deleted_at = NULL`,
      [acme.id, ISSUER],
    );
    expect((await get('/assets?enabled=false')).body).toMatchObject([{ code: 'EURC', enabled: false }]);
    // Of its own asset an account has no trustline, and can pay any amount.
    await post('/assets', { code: 'OWN', issuer: TEST_ACCOUNT });
    expect((await get('/assets?enabled=true')).body).toMatchObject([
      { code: 'OWN', enabled: true, balance: '0.0000000' },
      { code: 'USDC' },
      { code: 'XLM' },
    ]);
    const wrong = await get('/assets?enabled=maybe');
    expect(wrong.body).toEqual({ error: "invalid 'enabled' parameter value" });
    expect((await get('/balances')).body).toMatchObject({
      account: { address: TEST_ACCOUNT, status: 'ACTIVE' },
      balances: expect.arrayContaining([
        { amount: '5.0000000', asset_code: 'USDC', asset_issuer: ISSUER },
      ]) as unknown,
    });
  });

  const wallet = (more: object = {}) => ({
    name: 'Kite Wallet',
    homepage: 'https://kite.test',
    deep_link_schema: 'kite://receive',
    sep_10_client_domain: 'kite.example.org',
    assets: [{ type: 'native' }],
    ...more,
  });

  describe('asks the ledger', () => {
    /** What was asked about assets of this code, in that order, once there are so many questions. */
    async function asked(code: string, questions: number): Promise<unknown[]> {
      for (;;) {
        const events = (await server.events()).filter(
          ({ topic, data }) =>
            topic === 'events.ledger-account.requested' && JSON.stringify(data).includes(`"code":"${code}"`),
        );
        if (events.length >= questions) return events.map(({ data }) => data);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    async function answer(): Promise<void> {
      for (const request of await server.openLedgerRequests())
        await server.answerLedgerRequest(request, { account: TEST_ACCOUNT });
    }

    it('again for what nobody has answered for a minute, and not before', async () => {
      const add = (): Promise<Reply> => post('/assets', { code: 'LOST', issuer: ISSUER });
      const calls = [add()];
      const [question] = await asked('LOST', 1);
      calls.push(add());
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await asked('LOST', 1)).toEqual([question]);
      await server.sql(
        `UPDATE tenants.ledger_account_requests SET created_at = now() - interval '61 seconds' WHERE outcome IS NULL`,
      );
      calls.push(add());
      expect(await asked('LOST', 2)).toEqual([question, question]);
      await answer();
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([201, 201, 201]);
    });

    it('once more for the trustline of an asset that is there again when its removal has ended', async () => {
      // Who shares the account would keep the trustline.
      await server.sql('UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1', [
        acme.id,
        accountAddressOf(randomBytes(32)),
      ]);
      const add = (): Promise<Reply> => post('/assets', { code: 'BACK', issuer: ISSUER });
      const first = add();
      await asked('BACK', 1);
      const list = (await get('/assets')).body as readonly { readonly id: string; readonly code: string }[];
      const id = list.find(({ code }) => code === 'BACK')?.id ?? '';
      const removal = server.call('DELETE', `/assets/${id}`, { token: owner });
      await asked('BACK', 2);
      const second = add();
      while (!(await get('/assets')).text.includes('BACK'));
      await answer();
      expect((await Promise.all([first, removal, second])).map(({ status }) => status)).toEqual([
        201, 200, 201,
      ]);
      expect((await asked('BACK', 3)).map((data) => fieldOf(data, 'action'))).toEqual([
        'trust-asset',
        'remove-asset',
        'trust-asset',
      ]);
      await answer();
    });
  });

  it('adds a wallet and changes it', async () => {
    const added = await post('/wallets', wallet());
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      name: 'Kite Wallet',
      enabled: true,
      user_managed: false,
      sep_10_client_domain: 'kite.example.org',
      assets: [{ code: 'XLM' }],
    });
    const id = idOf(added.body);
    const changed = await patch(`/wallets/${id}`, {
      sep_10_client_domain: 'http://localhost:8021/anything',
      enabled: false,
      assets: [{ code: 'USDC', issuer: ISSUER }],
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      sep_10_client_domain: 'localhost:8021',
      enabled: false,
      assets: [{ code: 'USDC' }],
    });
    expect((await patch(`/wallets/${id}`, { assets: [] })).body).toMatchObject({ assets: [] });
    expect((await patch(`/wallets/${id}`, { enabled: true }, stranger)).status).toBe(404);
    expect((await get('/wallets', stranger)).body).toEqual([]);
  });

  it('keeps names, homepages and links of wallets apart', async () => {
    const taken = await post(
      '/wallets',
      wallet({ homepage: 'https://other.test', deep_link_schema: 'o://x' }),
    );
    expect(taken.status).toBe(409);
    expect(taken.body).toEqual({ error: 'a wallet with this name already exists' });
    const homepage = await post('/wallets', wallet({ name: 'Other', deep_link_schema: 'o://x' }));
    expect(homepage.body).toEqual({ error: 'a wallet with this homepage already exists' });
    const link = await post('/wallets', wallet({ name: 'Other', homepage: 'https://other.test' }));
    expect(link.body).toEqual({ error: 'a wallet with this deep link schema already exists' });
  });

  it('says everything that is wrong with a wallet', async () => {
    expect((await post('/wallets', {})).body).toEqual({
      error: 'invalid request body',
      extras: {
        name: 'name is required',
        homepage: 'homepage is required',
        deep_link_schema: 'deep_link_schema is required',
        sep_10_client_domain: 'sep_10_client_domain is required',
      },
    });
    const reply = await post(
      '/wallets',
      wallet({
        name: 'x'.repeat(31),
        homepage: 'kite.test',
        deep_link_schema: 'none',
        sep_10_client_domain: '-bad-/x',
        assets: [{ type: 'contract' }],
      }),
    );
    expect(reply.body).toEqual({
      error: 'invalid request body',
      extras: {
        name: 'name cannot exceed 30 characters',
        homepage: 'invalid homepage URL provided',
        deep_link_schema: 'invalid deep link schema provided',
        sep_10_client_domain: 'invalid SEP-10 client domain provided',
        'assets[0]': 'assets are not implemented yet',
      },
    });
    expect((await post('/wallets', wallet({ homepage: 'https:kite.test' }))).body).toEqual({
      error: 'invalid request body',
      extras: { homepage: 'invalid homepage URL provided' },
    });
    expect((await post('/wallets', wallet({ name: 'a\u0000b' }))).body).toEqual({
      error: 'invalid request body',
      extras: { name: 'name must be a text' },
    });
    const unknown = wallet({ name: 'N', homepage: 'https://n.test', deep_link_schema: 'n://n' });
    const ids = { ...unknown, assets: undefined, assets_ids: ['nothing'] };
    expect((await post('/wallets', ids)).body).toEqual({ error: 'invalid asset ID' });
    const classic = { ...unknown, assets: [{ code: 'NOPE', issuer: ISSUER }] };
    expect((await post('/wallets', classic)).body).toEqual({ error: 'failed to resolve asset references' });
    expect((await patch('/wallets/nothing', { enabled: true })).body).toEqual({
      error: 'Resource not found.',
    });
    expect((await patch('/wallets/nothing', {})).body).toMatchObject({
      extras: { body: 'at least one field must be provided for update' },
    });
  });

  it('measures a client domain as it is stored', async () => {
    const long = await post('/wallets', wallet({ sep_10_client_domain: `${'ü.'.repeat(120)}com` }));
    expect([long.status, long.body]).toEqual([
      400,
      {
        error: 'invalid request body',
        extras: { sep_10_client_domain: 'invalid SEP-10 client domain provided' },
      },
    ]);
  });

  it('filters by as many as twenty assets, also when each is named by its id', async () => {
    const full = { name: 'Full', homepage: 'https://full.test', deep_link_schema: 'full://x' };
    const id = idOf((await post('/wallets', wallet(full))).body);
    const assets = await server.sql(
      `WITH added AS (INSERT INTO catalogue.assets (tenant_id, id, code, issuer)
         SELECT tenant_id, gen_random_uuid(), 'A' || n, $2 FROM catalogue.wallets, generate_series(1, 20) n WHERE id = $1
         RETURNING tenant_id, id)
       INSERT INTO catalogue.wallet_assets (tenant_id, wallet_id, asset_id)
       SELECT tenant_id, $1, id FROM added RETURNING asset_id`,
      [id, ISSUER],
    );
    const ids = assets.map((row) => String(row['asset_id']));
    const found = async (names: readonly string[]) =>
      (await get(`/wallets?supported_assets=${names.join(',')}`)).body;
    expect(await found(ids)).toMatchObject([{ id }]);
    expect(await found([...ids.slice(1), newId()])).toEqual([]);
    expect(await found([...ids, newId()])).toEqual({
      error: 'Error parsing request filters',
      extras: { validation_error: 'supported_assets must name at most 20 assets' },
    });
    await server.sql('UPDATE catalogue.wallets SET deleted_at = now() WHERE id = $1', [id]);
  });

  it('filters wallets', async () => {
    const named = (body: unknown): string[] => (body as { name: string }[]).map(({ name }) => name);
    await patch(
      `/wallets/${idOf((await get('/wallets')).body instanceof Array ? ((await get('/wallets')).body as unknown[])[0] : {})}`,
      {
        assets: [{ type: 'native' }],
        enabled: true,
      },
    );
    expect(named((await get('/wallets?supported_assets=XLM')).body)).toEqual(['Kite Wallet']);
    expect(named((await get('/wallets?supported_assets=XLM,USDC')).body)).toEqual([]);
    expect(named((await get('/wallets?enabled=false')).body)).toEqual([]);
    expect(named((await get('/wallets?user_managed=true')).body)).toEqual([]);
    expect((await get('/wallets?enabled=perhaps')).body).toMatchObject({
      error: 'Error parsing request filters',
    });
  });

  it('takes a private client domain only where that is allowed', async () => {
    const strict = await TestServer.start({ CLIENT_DOMAIN_ALLOW_PRIVATE: 'false' });
    try {
      const token = await strict.tokenFor(await strict.tenant('acme'), 'owner');
      await strict.call('POST', '/assets', { token, json: { code: 'XLM' } });
      const add = (domain: string) =>
        strict.call('POST', '/wallets', { token, json: wallet({ sep_10_client_domain: domain }) });
      for (const domain of [
        'localhost',
        'localhost:8021',
        '127.0.0.1',
        '10.1.2.3:80',
        '[::1]:80',
        'x.internal',
        '169.254.169.254',
        '0x7f.1',
        '2130706433',
      ]) {
        expect((await add(domain)).body).toMatchObject({
          extras: { sep_10_client_domain: 'invalid SEP-10 client domain provided' },
        });
      }
      expect((await add('kite.example.org:8443')).body).toMatchObject({
        sep_10_client_domain: 'kite.example.org:8443',
      });
    } finally {
      await strict.stop();
    }
  });
});
