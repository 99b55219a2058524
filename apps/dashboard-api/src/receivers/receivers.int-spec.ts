import { newId } from '@libs/kernel';

import { TestServer, type TestTenant } from '../testing/test-server';

describe('receivers', () => {
  let server: TestServer;
  let acme: TestTenant;
  let token: string;
  let stranger: string;
  const ids: string[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    token = await server.tokenFor(acme, 'business');
    stranger = await server.tokenFor(await server.tenant('other'), 'business');
    await receiversOf(acme, 25);
  });
  afterAll(() => server.stop());

  /** People on consecutive days of 2026, each with a payment of 1.5; the first one paid and registered. */
  async function receiversOf(tenant: TestTenant, count: number): Promise<void> {
    const [wallet, asset] = [newId(), newId()];
    await server.sql(
      `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema) VALUES ($1, $2, 'Kite', 'https://k.test', 'k://k')`,
      [tenant.id, wallet],
    );
    await server.sql(
      `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'XLM', '')`,
      [tenant.id, asset],
    );
    for (let number = 0; number < count; number += 1) {
      const [receiver, receiverWallet] = [newId(), newId()];
      ids.push(receiver);
      const day = `2026-01-${String(number + 1).padStart(2, '0')}T12:00:00Z`;
      await server.sql(
        `INSERT INTO receivers.receivers (tenant_id, id, phone_number, email, external_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)`,
        [
          tenant.id,
          receiver,
          `+1555000${String(1000 + number)}`,
          number === 3 ? 'ada@people.test' : null,
          `ext-${String(number)}`,
          day,
        ],
      );
      const isFirst = number === 0;
      await server.sql(
        `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [
          tenant.id,
          receiverWallet,
          receiver,
          wallet,
          isFirst ? 'REGISTERED' : 'READY',
          isFirst ? 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN' : null,
        ],
      );
      await server.sql(
        `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status, stellar_transaction_id)
         VALUES ($1, $2, 'DIRECT', $3, $4, $5, 15000000, $6, $7)`,
        [
          tenant.id,
          newId(),
          receiver,
          receiverWallet,
          asset,
          isFirst ? 'SUCCESS' : 'READY',
          isFirst ? 'ab'.repeat(32) : null,
        ],
      );
      await server.sql(
        `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac) VALUES ($1, $2, 'PIN', $3)`,
        [tenant.id, receiver, Buffer.alloc(32, 7)],
      );
    }
  }

  interface Page {
    readonly pagination: Record<string, unknown>;
    readonly data: readonly Record<string, unknown>[];
  }
  const list = async (query: string, by = token): Promise<Page> =>
    (await server.call('GET', `/receivers${query}`, { token: by })).body as Page;
  const numbersOf = (page: Page): string[] => page.data.map((item) => String(item['external_id']));

  it('come in pages, the newest first, with links that keep the rest of the query', async () => {
    const first = await list('');
    expect(first.pagination).toEqual({ next: '/receivers?page=2', pages: 2, total: 25 });
    expect(numbersOf(first)[0]).toBe('ext-24');
    const middle = await list('?sort=created_at&page_limit=10&page=2&direction=asc');
    expect(middle.pagination).toEqual({
      next: '/receivers?direction=asc&page=3&page_limit=10&sort=created_at',
      prev: '/receivers?direction=asc&page=1&page_limit=10&sort=created_at',
      pages: 3,
      total: 25,
    });
    expect(numbersOf(middle)[0]).toBe('ext-10');
    expect((await list('?page=9')).data).toEqual([]);
    expect(await list('', stranger)).toEqual({ pagination: { pages: 0, total: 0 }, data: [] });
  });

  it('are found by status, date and a part of their contact', async () => {
    expect(numbersOf(await list('?status=registered'))).toEqual(['ext-0']);
    expect((await list('?status=READY')).pagination['total']).toBe(24);
    // The last named day belongs to the answer.
    expect(numbersOf(await list('?created_at_after=2026-01-05&created_at_before=2026-01-06'))).toEqual([
      'ext-5',
      'ext-4',
    ]);
    expect(numbersOf(await list('?q=ADA@people'))).toEqual(['ext-3']);
    expect(numbersOf(await list('?q=0001004'))).toEqual(['ext-4']);
    expect(numbersOf(await list(`?q=${ids[7] ?? ''}`))).toEqual(['ext-7']);
    expect(numbersOf(await list('?q=%25'))).toEqual([]);
  });

  it('are asked for with a query that makes sense, or every mistake is named', async () => {
    const reply = await server.call(
      'GET',
      '/receivers?page=0&page_limit=101&sort=name&direction=up&status=gone&created_at_after=2026-02-30&created_at_before=x',
      { token },
    );
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'request invalid',
      extras: {
        page: 'parameter must be a positive integer',
        page_limit: 'parameter must be less than or equal to 100',
        sort: 'invalid sort field name',
        direction: "invalid sort order. valid values are 'asc' and 'desc'",
        status: 'invalid parameter. valid values are: draft, ready, registered, flagged',
        created_at_after: "invalid date format. valid format is 'YYYY-MM-DD'",
        created_at_before: "invalid date format. valid format is 'YYYY-MM-DD'",
      },
    });
    expect(await list('?page=one')).toMatchObject({ extras: { page: 'parameter must be an integer' } });
    expect(await list('?created_at_after=2026-02-02&created_at_before=2026-02-01')).toMatchObject({
      extras: { created_at_after: 'created_at_after must be before created_at_before' },
    });
  });

  it('show one person with wallets, sums and verifications, but never the value itself', async () => {
    const reply = await server.call('GET', `/receivers/${ids[0] ?? ''}`, { token });
    expect(reply.body).toMatchObject({
      id: ids[0],
      phone_number: '+15550001000',
      total_payments: '1',
      successful_payments: '1',
      remaining_payments: '0',
      registered_wallets: '1',
      received_amounts: [{ asset_code: 'XLM', asset_issuer: '', received_amount: '1.5000000' }],
      wallets: [
        {
          status: 'REGISTERED',
          wallet: { name: 'Kite' },
          payments_received: '1',
          invitation_sent_at: null,
        },
      ],
      verifications: [{ verification_field: 'PIN', attempts: 0, confirmed_at: null }],
    });
    expect(reply.text).not.toMatch(/hash|hmac/);
    for (const [id, by] of [
      [newId(), token],
      ['nobody', token],
      [ids[0] ?? '', stranger],
    ] as const) {
      const unknown = await server.call('GET', `/receivers/${id}`, { token: by });
      expect(unknown.status).toBe(404);
      expect(unknown.body).toEqual({ error: `could not retrieve receiver with ID: ${id}` });
    }
  });

  it('have the contact and verification types of the platform', async () => {
    expect((await server.call('GET', '/receivers/verification-types', { token })).body).toEqual([
      'DATE_OF_BIRTH',
      'YEAR_MONTH',
      'PIN',
      'NATIONAL_ID_NUMBER',
    ]);
    expect((await server.call('GET', '/registration-contact-types', { token })).body).toEqual([
      'EMAIL',
      'PHONE_NUMBER',
      'EMAIL_AND_WALLET_ADDRESS',
      'PHONE_NUMBER_AND_WALLET_ADDRESS',
    ]);
  });
});
