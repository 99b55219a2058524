import { newId } from '@libs/kernel';

import { DisbursementWorld, idOf, peopleFile } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const DEFAULT_400 = 'The request was invalid in some way.';
const CONTACT_TYPES = 'EMAIL PHONE_NUMBER EMAIL_AND_WALLET_ADDRESS PHONE_NUMBER_AND_WALLET_ADDRESS';
const FIELDS = 'DATE_OF_BIRTH YEAR_MONTH PIN NATIONAL_ID_NUMBER';
const NOT_ALLOWED = 'is not allowed for this registration contact type';
const TEMPLATE = 'receiver_registration_message_template';

interface Listed {
  readonly pagination: Readonly<Record<string, unknown>>;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

describe('disbursements', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  let other: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'acme');
    other = await DisbursementWorld.make(server, 'other');
  });
  afterAll(() => server.stop());

  const create = (change: object): ReturnType<DisbursementWorld['call']> =>
    world.call('POST', '/disbursements', { ...world.bodyOf(), ...change });

  async function listed(path: string, own = world): Promise<Listed> {
    const reply = await own.call('GET', path);
    expect(reply.status).toBe(200);
    return reply.body as Listed;
  }

  describe('when they are created', () => {
    it('are DRAFT, with everything that screens show', async () => {
      const reply = await world.call('POST', '/disbursements', world.bodyOf(undefined, 'Winter aid'));
      expect(reply.status).toBe(201);
      expect(reply.body).toMatchObject({
        name: 'Winter aid',
        status: 'DRAFT',
        registration_contact_type: 'PHONE_NUMBER',
        verification_field: 'DATE_OF_BIRTH',
        [TEMPLATE]: '',
        wallet: { id: world.walletId, name: 'Kite', enabled: true, deep_link_schema: 'kite://pay' },
        asset: { id: world.assetId, code: 'XLM', issuer: '', deleted_at: null },
        total_payments: 0,
        total_payments_remaining: 0,
        total_amount: '0.0000000',
        amount_disbursed: '0.0000000',
        average_amount: '0.0000000',
        created_by: { first_name: 'First', last_name: 'Last' },
        started_by: { id: '', first_name: '', last_name: '' },
      });
      const shown = await world.call('GET', `/disbursements/${idOf(reply)}`);
      expect(shown.body).toEqual(reply.body);
    });

    it.each([
      ['no name', { name: ' ' }, { name: 'name is required' }],
      ['no asset', { asset_id: undefined }, { asset_id: 'asset_id is required' }],
      ['a long name', { name: 'x'.repeat(129) }, { name: 'name cannot exceed 128 characters' }],
      [
        'no contact type',
        { registration_contact_type: undefined },
        { registration_contact_type: `registration_contact_type must be one of [${CONTACT_TYPES}]` },
      ],
      [
        'an unknown contact type',
        { registration_contact_type: 'PIGEON' },
        { registration_contact_type: `registration_contact_type must be one of [${CONTACT_TYPES}]` },
      ],
      ['no wallet', { wallet_id: undefined }, { wallet_id: 'wallet_id is required' }],
      ['an unknown wallet', { wallet_id: newId() }, { wallet_id: 'wallet_id could not be retrieved' }],
      ['what is no wallet', { wallet_id: 'kite' }, { wallet_id: 'wallet_id could not be retrieved' }],
      [
        'no verification',
        { verification_field: undefined },
        { verification_field: `verification_field must be one of [${FIELDS}]` },
      ],
      [
        'an unknown verification',
        { verification_field: 'SHOE_SIZE' },
        { verification_field: `verification_field must be one of [${FIELDS}]` },
      ],
      [
        'a wallet where the file brings addresses',
        { registration_contact_type: 'EMAIL_AND_WALLET_ADDRESS' },
        { wallet_id: `wallet_id ${NOT_ALLOWED}`, verification_field: `verification_field ${NOT_ALLOWED}` },
      ],
      [
        'HTML in its invitation',
        { [TEMPLATE]: 'Hello <b>you</b>' },
        { [TEMPLATE]: `${TEMPLATE} cannot contain HTML, JS or CSS` },
      ],
      [
        'hidden script in its invitation',
        { [TEMPLATE]: 'javascript&#58;alert(1)' },
        { [TEMPLATE]: `${TEMPLATE} cannot contain HTML, JS or CSS` },
      ],
    ])('are refused with %s', async (_, change, extras) => {
      const reply = await create(change);
      expect([reply.status, reply.body]).toEqual([400, { error: DEFAULT_400, extras }]);
    });

    it.each([
      ['what is no object', 'text'],
      ['a list', []],
    ])('are refused for %s', async (_, body) => {
      expect((await world.call('POST', '/disbursements', body)).status).toBe(400);
    });

    it('are refused for an unknown asset and for a wallet provider that is switched off', async () => {
      expect(await create({ asset_id: newId() })).toMatchObject({
        status: 400,
        body: { error: 'asset ID could not be retrieved' },
      });
      const off = newId();
      await server.sql(
        `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, enabled)
         VALUES ($1, $2, 'Off', 'https://off.test', 'off://x', false)`,
        [world.tenant.id, off],
      );
      expect(await create({ wallet_id: off })).toMatchObject({
        status: 400,
        body: { error: 'Wallet is not enabled' },
      });
    });

    it('may have a name of 128 characters, as a person counts them', async () => {
      const name = '🐚'.repeat(128);
      const reply = await create({ name });
      expect([reply.status, reply.body]).toMatchObject([201, { name }]);
      await world.call('DELETE', `/disbursements/${idOf(reply)}`);
    });

    it('need a name of their own, also when two come at once', async () => {
      const name = 'Twice';
      const replies = await Promise.all([create({ name }), create({ name })]);
      expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 409]);
      expect(replies.find(({ status }) => status === 409)?.body).toEqual({
        error: 'disbursement already exists',
      });
      expect(await other.call('POST', '/disbursements', other.bodyOf(undefined, name))).toMatchObject({
        status: 201,
      });
    });

    it('use the user-managed wallet where the file brings addresses, and need one', async () => {
      const kind = { registration_contact_type: 'PHONE_NUMBER_AND_WALLET_ADDRESS' } as const;
      const made = await world.call('POST', '/disbursements', world.bodyOf(kind));
      expect(made).toMatchObject({ status: 201, body: { wallet: { user_managed: true } } });
      expect(Object.keys(Object(made.body) as object)).not.toContain('verification_field');

      await server.sql('UPDATE catalogue.wallets SET enabled = false WHERE tenant_id = $1 AND user_managed', [
        other.tenant.id,
      ]);
      expect(await other.call('POST', '/disbursements', other.bodyOf(kind))).toMatchObject({
        status: 400,
        body: { error: 'No User Managed Wallets found' },
      });
    });

    it('cannot use the asset or the wallet of another organisation', async () => {
      expect(await create({ asset_id: other.assetId })).toMatchObject({ status: 400 });
      expect(await create({ wallet_id: other.walletId })).toMatchObject({ status: 400 });
    });
  });

  describe('when they are listed', () => {
    let own: DisbursementWorld;

    beforeAll(async () => {
      own = await DisbursementWorld.make(server, 'lists');
      for (let day = 1; day <= 5; day += 1) {
        const id = await own.create();
        await server.sql(
          `UPDATE disbursements.disbursements SET name = $2, created_at = $3, status = $4 WHERE id = $1`,
          [
            id,
            `Aid ${String(6 - day)}`,
            `2026-03-0${String(day)}T12:00:00Z`,
            day === 1 ? 'STARTED' : 'DRAFT',
          ],
        );
      }
    });

    const names = async (query: string): Promise<unknown[]> =>
      (await listed(`/disbursements?${query}`, own)).data.map(({ name }) => name);

    it('come newest first, a page at a time', async () => {
      expect(await names('page_limit=2')).toEqual(['Aid 1', 'Aid 2']);
      const { pagination, data } = await listed('/disbursements?page_limit=2&page=2', own);
      expect(data.map(({ name }) => name)).toEqual(['Aid 3', 'Aid 4']);
      expect(pagination).toEqual({
        next: '/disbursements?page=3&page_limit=2',
        prev: '/disbursements?page=1&page_limit=2',
        pages: 3,
        total: 5,
      });
    });

    it.each([
      ['sort=name&direction=asc', ['Aid 1', 'Aid 2', 'Aid 3', 'Aid 4', 'Aid 5']],
      ['sort=created_at&direction=ASC', ['Aid 5', 'Aid 4', 'Aid 3', 'Aid 2', 'Aid 1']],
      ['status=started', ['Aid 5']],
      ['status=Ready,STARTED', ['Aid 5']],
      ['q=AID%204', ['Aid 4']],
      ['q=%25', []],
      ['created_at_after=2026-03-04', ['Aid 1', 'Aid 2']],
      ['created_at_after=2026-03-02&created_at_before=2026-03-03', ['Aid 3', 'Aid 4']],
      ['page=9', []],
    ])('can be asked for by %s', async (query, expected) => {
      expect(await names(query)).toEqual(expected);
    });

    it('come in the direction of the list where they were made at the same moment, and so do their people', async () => {
      const twins = await DisbursementWorld.make(server, 'twins');
      const ids = [await twins.create(), await twins.create(), await twins.ready(3)];
      await server.sql('UPDATE disbursements.disbursements SET created_at = now() WHERE tenant_id = $1', [
        twins.tenant.id,
      ]);
      const payments = (await twins.payments(ids[2] ?? '')).map(({ id }) => id);
      const listedBy = async (direction: string): Promise<unknown[][]> => [
        (await listed(`/disbursements?direction=${direction}`, twins)).data.map(({ id }) => id),
        (await listed(`/disbursements/${ids[2] ?? ''}/receivers?direction=${direction}`, twins)).data.map(
          ({ payment }) => Reflect.get(Object(payment), 'id') as unknown,
        ),
      ];
      expect(await listedBy('asc')).toEqual([ids, payments]);
      expect(await listedBy('desc')).toEqual([ids.toReversed(), payments.toReversed()]);
    });

    it('show only those of the organisation', async () => {
      const { pagination, data } = await listed('/disbursements?q=Aid', other);
      expect([pagination, data]).toEqual([{ pages: 0, total: 0 }, []]);
    });

    it('are refused for what cannot be meant', async () => {
      const query = 'status=lost&sort=colour&direction=up&page=0&page_limit=101&created_at_after=1.1.2026';
      expect((await own.call('GET', `/disbursements?${query}`)).body).toEqual({
        error: 'request invalid',
        extras: {
          status:
            'invalid parameter. valid value is a comma separate list of statuses: draft, ready, started, paused, completed',
          sort: 'invalid sort field name',
          direction: "invalid sort order. valid values are 'asc' and 'desc'",
          page: 'parameter must be a positive integer',
          page_limit: 'parameter must be less than or equal to 100',
          created_at_after: "invalid date format. valid format is 'YYYY-MM-DD'",
        },
      });
    });
  });

  it('show the exact sums and average of their payments', async () => {
    const id = await world.create();
    const [header = '', ...rows] = peopleFile(3).trim().split('\n');
    const amounts = ['2.005', '1.0000001', '0.5'];
    const file = [header, ...rows.map((row, index) => row.replace(',10,', `,${amounts[index] ?? ''},`))];
    await world.upload(id, file.join('\n'));
    await world.movePayments(id, 'release');
    await world.movePayments(id, 'submit');
    const [settled] = await world.payments(id);
    await server.sql(
      'UPDATE disbursements.payments SET disputed = true WHERE disbursement_id = $1 AND id <> $2',
      [id, settled?.['id']],
    );
    await world.movePayments(id, 'settle');
    expect((await world.call('GET', `/disbursements/${id}`)).body).toMatchObject({
      total_payments: 3,
      total_payments_sent: 1,
      total_payments_failed: 0,
      total_payments_canceled: 0,
      total_payments_remaining: 2,
      total_amount: '3.5050001',
      average_amount: '1.1683334',
    });
  });

  it('show what ledgers charged for them, and nothing of what others cost', async () => {
    const [id, other] = [await world.create(), await world.create()];
    const charge = (paidFor: string, fee: number): Promise<unknown> =>
      server.sql(
        `INSERT INTO submissions.fees (tenant_id, paid_for, attempt_id, payments, fee)
         SELECT tenant_id, id, gen_random_uuid(), 100, $2 FROM disbursements.disbursements WHERE id = $1`,
        [paidFor, fee],
      );
    await charge(id, 10_100);
    await charge(id, 9_900);
    await charge(other, 77);
    const feesOf = async (one: string): Promise<unknown> =>
      (await world.call('GET', `/disbursements/${one}`)).body;
    expect(await feesOf(id)).toMatchObject({ ledger_fees: '0.0020000' });
    expect(await feesOf(other)).toMatchObject({ ledger_fees: '0.0000077' });
  });

  it('are found by their id in their organisation only', async () => {
    const id = await world.create();
    for (const [own, wanted] of [
      [other, id],
      [world, newId()],
      [world, 'no-id'],
    ] as const) {
      expect(await own.call('GET', `/disbursements/${wanted}`)).toMatchObject({
        status: 404,
        body: { error: 'disbursement not found' },
      });
      expect(await own.call('GET', `/disbursements/${wanted}/receivers`)).toMatchObject({ status: 404 });
      expect(await own.call('DELETE', `/disbursements/${wanted}`)).toMatchObject({
        status: 404,
        body: { error: 'Disbursement not found' },
      });
    }
  });

  it('list their people, each with the wallet and the payment', async () => {
    const id = await world.ready(3, { amount: '1.5' });
    const { pagination, data } = await listed(`/disbursements/${id}/receivers?page_limit=2`);
    expect(pagination).toMatchObject({ pages: 2, total: 3 });
    expect(data).toHaveLength(2);
    expect(data[0]).toMatchObject({
      phone_number: expect.stringMatching(/^\+2547/) as unknown,
      external_id: expect.stringMatching(/^P-/) as unknown,
      receiver_wallet: { status: 'DRAFT', stellar_address: '', wallet: { name: 'Kite', enabled: true } },
      payment: { status: 'DRAFT', amount: '1.5000000', asset: { code: 'XLM', issuer: '' } },
    });
    const { id: paymentId, ...shown } = data[0]?.['payment'] as Record<string, unknown>;
    const payment = await world.payment(String(paymentId));
    expect(payment).toMatchObject(shown);
    expect(payment['receiver_wallet']).toEqual(data[0]?.['receiver_wallet']);
    expect(Object.keys(data[0] ?? {})).not.toContain('email');
  });

  describe('when they are deleted', () => {
    it('go whatever a colleague has named theirs', async () => {
      const [id, other] = [await world.create(), await world.create()];
      for (const name of [`removed ${id}`, ` removed ${id}`])
        await world.call('POST', '/disbursements', { ...world.bodyOf(), name });
      expect((await world.call('DELETE', `/disbursements/${id}`)).status).toBe(200);
      expect((await world.call('DELETE', `/disbursements/${other}`)).status).toBe(200);
    });

    it('go with their payments and their file, and leave the people', async () => {
      const id = await world.ready(2);
      const before = await world.call('GET', `/disbursements/${id}`);
      const people = await server.sql('SELECT id FROM receivers.receivers WHERE tenant_id = $1', [
        world.tenant.id,
      ]);
      expect(await world.call('DELETE', `/disbursements/${id}`)).toMatchObject({
        status: 200,
        body: before.body as object,
      });
      expect(await world.payments(id)).toEqual([]);
      expect(
        await server.sql('SELECT id FROM disbursements.uploads WHERE disbursement_id = $1', [id]),
      ).toEqual([]);
      expect(
        await server.sql('SELECT id FROM receivers.receivers WHERE tenant_id = $1', [world.tenant.id]),
      ).toEqual(people);
      const name: unknown = Reflect.get(Object(before.body), 'name');
      expect(await create({ name })).toMatchObject({ status: 201 });
    });

    it.each(['STARTED', 'PAUSED', 'COMPLETED'])('are refused when they are %s', async (status) => {
      const id = await world.ready(1);
      await server.sql('UPDATE disbursements.disbursements SET status = $2 WHERE id = $1', [id, status]);
      expect(await world.call('DELETE', `/disbursements/${id}`)).toMatchObject({
        status: 400,
        body: { error: 'Cannot delete a disbursement that has started' },
      });
      expect(await world.payments(id)).toHaveLength(1);
    });

    it('are either deleted or started when both are asked for at once', async () => {
      world.fund(1_000_0000000n);
      const id = await world.ready(1);
      const [deleted, started] = await Promise.all([
        world.call('DELETE', `/disbursements/${id}`),
        world.setStatus(id, 'STARTED'),
      ]);
      const [found, promised] = [await world.call('GET', `/disbursements/${id}`), await world.promised()];
      if (deleted.status === 200) {
        expect([started.status === 200, found.status, promised]).toEqual([false, 404, 0n]);
      } else {
        expect([deleted.status, started.status, found.status, promised > 0n]).toEqual([400, 200, 200, true]);
      }
    });
  });
});
