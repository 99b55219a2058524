import { newId } from '@libs/kernel';

import { type Reply, TestServer, type TestTenant } from '../testing/test-server';

const ISSUER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const OWN_ACCOUNT = 'GDQP2KPQGKIHYJGXNUIYOMHARUARCA7DJT5FO2FFOOKY3B2WSQHG4W37';

describe('taking something out of the catalogue', () => {
  let server: TestServer;
  let alone: TestTenant;
  let sharing: TestTenant;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    server = await TestServer.start({}, { ledgerPatienceMs: 5_000 });
    [alone, sharing] = [await server.tenant('alone'), await server.tenant('sharing')];
    await server.tenant('neighbour');
    await server.sql(`UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1`, [
      alone.id,
      OWN_ACCOUNT,
    ]);
    for (const tenant of [alone, sharing]) tokens.set(tenant.id, await server.tokenFor(tenant, 'owner'));
  });
  afterAll(() => server.stop());

  const call = (method: string, path: string, json?: unknown, tenant = alone): Promise<Reply> =>
    server.call(method, path, {
      token: tokens.get(tenant.id) ?? '',
      ...(json === undefined ? {} : { json }),
    });
  const idOf = (body: unknown): string => String(Reflect.get(Object(body), 'id'));
  const codesOf = async (tenant = alone): Promise<string[]> =>
    ((await call('GET', '/assets', undefined, tenant)).body as { code: string }[]).map(({ code }) => code);

  /** Answers the next request about the ledger account, and returns what was asked. */
  async function answerNext(answer: { account?: string; reason?: string }): Promise<unknown> {
    for (;;) {
      const [request] = await server.openLedgerRequests();
      if (request === undefined) continue;
      await server.answerLedgerRequest(request, answer);
      return request['action'];
    }
  }

  async function asset(code: string, tenant = alone): Promise<string> {
    const adding = call('POST', '/assets', { code, issuer: ISSUER }, tenant);
    await answerNext({ account: OWN_ACCOUNT });
    return idOf((await adding).body);
  }

  it('removes an asset with its trustline, and answers 204 when it is asked again', async () => {
    const id = await asset('USDC');
    const removing = call('DELETE', `/assets/${id}`);
    expect(await answerNext({ account: OWN_ACCOUNT })).toBe('remove-asset');
    const reply = await removing;
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ id, code: 'USDC', deleted_at: expect.any(String) as unknown });
    expect(await codesOf()).toEqual([]);
    expect((await call('DELETE', `/assets/${id}`)).status).toBe(204);
    expect(await server.openLedgerRequests()).toEqual([]);
  });

  it('keeps an asset whose trustline cannot go, and says why', async () => {
    const id = await asset('EURC');
    const removing = call('DELETE', `/assets/${id}`);
    await answerNext({ reason: 'the account still holds this asset' });
    const reply = await removing;
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({
      error: 'Could not remove trustline because distribution account still has balance',
    });
    expect(await codesOf()).toEqual(['EURC']);
  });

  it('says when the ledger takes its time, and brings the asset back if it refuses later', async () => {
    const id = await asset('SLOW');
    const reply = await call('DELETE', `/assets/${id}`);
    expect(reply.status).toBe(202);
    expect(reply.body).toMatchObject({
      message: 'The asset was deleted. Its trustline is still being removed.',
    });
    expect(await codesOf()).toEqual(['EURC']);
    await answerNext({ reason: 'op_low_reserve' });
    expect(await codesOf()).toEqual(['EURC', 'SLOW']);
  });

  it('leaves the trustline of an account that others pay from', async () => {
    const id = await asset('USDC', sharing);
    const reply = await call('DELETE', `/assets/${id}`, undefined, sharing);
    expect(reply.status).toBe(200);
    expect(await server.openLedgerRequests()).toEqual([]);
    expect(await codesOf(sharing)).toEqual([]);
  });

  it('does not remove what a disbursement still pays with', async () => {
    const id = await asset('PAID');
    const wallet = newId();
    await server.sql(
      `INSERT INTO disbursements.disbursements (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type)
       VALUES ($1, $2, 'Spring', $3, $4, 'PAUSED', 'EMAIL')`,
      [alone.id, newId(), id, wallet],
    );
    const reply = await call('DELETE', `/assets/${id}`);
    expect(reply.status).toBe(422);
    expect(reply.body).toEqual({
      error: 'Could not remove the asset because a disbursement that is not completed pays it',
    });
    expect(await codesOf()).toContain('PAID');
  });

  it('does not find an unknown asset, nor one of another organisation', async () => {
    const id = await asset('MINE');
    for (const unknown of [newId(), 'nothing']) {
      const reply = await call('DELETE', `/assets/${unknown}`);
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ error: 'could not find asset for deletion' });
    }
    expect((await call('DELETE', `/assets/${id}`, undefined, sharing)).status).toBe(404);
    expect(await codesOf()).toContain('MINE');
  });

  const wallet = async (name: string): Promise<string> => {
    await call('POST', '/assets', { code: 'XLM' });
    const added = await call('POST', '/wallets', {
      name,
      homepage: `https://${name}.test`,
      deep_link_schema: `${name}://receive`,
      sep_10_client_domain: `${name}.example.org`,
      assets: [{ type: 'native' }],
    });
    expect(added.status).toBe(201);
    return idOf(added.body);
  };

  it('removes a wallet provider, which stays in the list of all there ever were', async () => {
    const id = await wallet('kite');
    expect((await call('DELETE', `/wallets/${id}`, undefined, sharing)).status).toBe(404);
    expect((await call('DELETE', `/wallets/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/wallets/${id}`)).status).toBe(404);
    expect((await call('GET', '/wallets')).body).toEqual([]);
    expect((await call('GET', '/wallets?include_deleted=true')).body).toMatchObject([{ id, enabled: false }]);
  });

  it('keeps a wallet provider with which somebody is still to register', async () => {
    const id = await wallet('heron');
    const receiver = newId();
    await server.sql(
      `INSERT INTO receivers.receivers (tenant_id, id, email, external_id) VALUES ($1, $2, 'ada@example.org', 'person-1')`,
      [alone.id, receiver],
    );
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status) VALUES ($1, $2, $3, $4, 'READY')`,
      [alone.id, newId(), receiver, id],
    );
    const reply = await call('DELETE', `/wallets/${id}`);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ error: 'wallet has pending registrations and cannot be deleted' });
    expect((await call('GET', '/wallets')).body).toMatchObject([{ id, enabled: true }]);
  });
});
