import { type Asset } from '@libs/kernel';
import { Client } from 'pg';

import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { FEE, fundedWorld, UNIT } from '../testing/funds';
import { person, type Person, stranger, userManagedWalletOf } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const EURC: Asset = { code: 'EURC', issuer: 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7' };
const TOPIC = 'events.payment.requested';
const INVITATIONS = 'events.receiver-wallets.new_invitation';

describe('a direct payment', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const world = (spendable: bigint, asset?: Asset): Promise<DisbursementWorld> =>
    fundedWorld(server, spendable, asset);

  const bodyFor = (own: DisbursementWorld, to: Person, amount = '12.5'): Record<string, unknown> => ({
    amount,
    asset: { id: own.assetId },
    receiver: { id: to.id },
    wallet: { id: own.walletId },
  });

  const pay = async (own: DisbursementWorld, to: Person, amount?: string): Promise<Reply> =>
    own.call('POST', '/payments', bodyFor(own, to, amount));

  const countOf = async (own: DisbursementWorld): Promise<number> =>
    (await server.sql('SELECT FROM disbursements.payments WHERE tenant_id = $1', [own.tenant.id])).length;

  it('to somebody who is registered is READY at once, its funds are promised, and it goes', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own);
    const reply = await own.call('POST', '/payments', {
      ...bodyFor(own, to),
      external_payment_id: ' INV-7 ',
    });
    const id = idOf(reply);
    expect(reply).toMatchObject({
      status: 201,
      body: {
        amount: '12.5000000',
        status: 'READY',
        type: 'DIRECT',
        external_payment_id: 'INV-7',
        asset: { id: own.assetId, code: 'XLM', issuer: '' },
        receiver_wallet: { id: to.receiverWalletId, receiver: { id: to.id }, stellar_address: to.address },
        created_by: { first_name: 'First', last_name: 'Last' },
        status_history: [
          {
            status: 'READY',
            status_message: expect.stringMatching(/^Payment submitted by user_id /) as unknown,
          },
        ],
      },
    });
    expect(reply.body).not.toHaveProperty('disbursement');
    expect((await own.call('GET', `/payments/${id}`)).body).toEqual(reply.body);
    expect((await own.call('GET', '/payments?type=direct')).body).toMatchObject({
      pagination: { total: 1 },
      data: [{ id }],
    });
    expect(await own.promised()).toBe(125n * (UNIT / 10n) + FEE);
    expect(await own.events()).toEqual([
      { topic: TOPIC, type: 'payment-direct-payment-created', data: { payment_ids: [id] } },
    ]);
  });

  it('to somebody who is not registered yet waits, and invites them', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own, 'READY');
    const id = idOf(await pay(own, to));
    expect(await own.events()).toEqual([
      { topic: TOPIC, type: 'payment-direct-payment-created', data: { payment_ids: [id] } },
      {
        topic: INVITATIONS,
        type: 'batch-receiver-wallet-sms-invitation',
        data: { disbursement_id: null, receiver_wallet_ids: [to.receiverWalletId] },
      },
    ]);
  });

  it('names asset, person and wallet in any of the ways that are documented', async () => {
    const own = await world(1_000n * UNIT);
    const to = await person(own);
    const managed = await userManagedWalletOf(own);
    const addressed = await person(own, 'REGISTERED', managed);
    const bodies = [
      {
        asset: { type: 'native' },
        receiver: { email: to.email.toUpperCase() },
        wallet: { id: own.walletId },
      },
      { asset: { id: own.assetId }, receiver: { phone_number: to.phone }, wallet: { id: own.walletId } },
      { asset: { id: own.assetId }, receiver: { wallet_address: to.address }, wallet: { id: own.walletId } },
      { asset: { type: 'NATIVE' }, receiver: { id: addressed.id }, wallet: { id: managed } },
      {
        asset: { id: own.assetId },
        receiver: { email: addressed.email },
        wallet: { address: addressed.address },
      },
    ];
    for (const body of bodies) {
      const reply = await own.call('POST', '/payments', { amount: '1', ...body });
      expect([reply.status, reply.text]).toEqual([201, expect.anything()]);
    }
    const inEuro = await world(1_000n * UNIT, EURC);
    inEuro.fund(5n * UNIT, EURC);
    const receiver = { id: (await person(inEuro)).id };
    const classic = { type: 'classic', ...EURC };
    const reply = await inEuro.call('POST', '/payments', {
      amount: '5',
      asset: classic,
      receiver,
      wallet: { id: inEuro.walletId },
    });
    expect(reply.status).toBe(201);
    expect([await inEuro.promised(EURC), await inEuro.promised()]).toEqual([5n * UNIT, FEE]);
  });

  it('gives somebody who can register a receiver wallet where they have none', async () => {
    const own = await world(100n * UNIT);
    const to = await stranger(own);
    const refused = await pay(own, to);
    expect([refused.status, refused.text.includes('no verification to register with')]).toEqual([400, true]);
    await server.sql(
      `INSERT INTO receivers.verifications (tenant_id, receiver_id, verification_field, value_hmac)
       VALUES ($1, $2, 'PIN', decode(repeat('ab', 32), 'hex'))`,
      [own.tenant.id, to.id],
    );
    const reply = await pay(own, to);
    expect(reply).toMatchObject({
      status: 201,
      body: {
        receiver_wallet: {
          status: 'READY',
          status_history: [{ status: 'DRAFT' }, { status: 'READY' }],
        },
      },
    });
    expect((await own.events()).map(({ topic }) => topic)).toEqual([TOPIC, INVITATIONS]);
    // The second payment goes to the same receiver wallet.
    expect(Reflect.get(Object((await pay(own, to)).body), 'receiver_wallet')).toMatchObject({
      id: Reflect.get(Object(Reflect.get(Object(reply.body), 'receiver_wallet')), 'id') as unknown,
    });
  });

  it('needs the last stroop, and says what is missing', async () => {
    const own = await world(20n * UNIT + FEE - 1n);
    const to = await person(own);
    expect(await pay(own, to, '20')).toMatchObject({
      status: 400,
      body: {
        error:
          'insufficient balance for direct payment: requested 20.0020000 XLM, but only 20.0019999 available ' +
          '(0.0000000 in pending payments). Need 0.0000001 more XLM',
      },
    });
    own.fund(1n);
    expect((await pay(own, to, '20')).status).toBe(201);
    expect((await pay(own, to, '0.0000001')).text).toContain('(20.0020000 in pending payments)');
    expect(await countOf(own)).toBe(1);
  });

  it('needs an account on the network, and a trustline there', async () => {
    const own = await world(100n * UNIT, EURC);
    const to = await person(own);
    expect((await pay(own, to)).text).toContain(
      `distribution account stellar:${own.account} does not have a trustline for asset EURC:${EURC.issuer}`,
    );
    await server.sql('UPDATE tenants.tenants SET distribution_account_address = $2 WHERE id = $1', [
      own.tenant.id,
      to.address,
    ]);
    const missing = await pay(own, to);
    expect([missing.status, missing.text.includes('does not exist on the network')]).toEqual([400, true]);
  });

  it('cannot overdraw the account beside other payments and starts at the same moment', async () => {
    const own = await world(40n * UNIT);
    const people = await Promise.all([1, 2, 3, 4].map(() => person(own)));
    const id = await own.ready(1, { amount: '18' });
    await own.token();
    const replies = await Promise.all([
      ...people.map((to) => pay(own, to, '18')),
      own.setStatus(id, 'STARTED'),
    ]);
    const done = replies.filter(({ status }) => status < 300);
    expect(done).toHaveLength(2);
    expect(await own.promised()).toBe(2n * (18n * UNIT + FEE));
    for (const { status, text } of replies.filter((reply) => reply.status >= 300)) {
      expect([[400, 409].includes(status), text.includes('insufficient')]).toEqual([true, true]);
    }
  });

  it('is made once for one Idempotency-Key, also when ten ask at once', async () => {
    const own = await world(30n * UNIT);
    const to = await person(own);
    const token = await own.token();
    const headers = { 'idempotency-key': 'one' };
    const ask = async (amount: string): Promise<Reply> =>
      server.call('POST', '/payments', { token, headers, json: bodyFor(own, to, amount) });
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask('20')));
    // The account could not pay it twice: that is no reason to refuse the same request again.
    expect(
      new Set([...replies, await ask('20')].map(({ status, text }) => `${String(status)} ${text}`)).size,
    ).toBe(1);
    expect([await countOf(own), await own.promised()]).toEqual([1, 20n * UNIT + FEE]);
    expect((await ask('21')).status).toBe(409);
  });

  it('keeps its asset from being deleted, whoever comes first', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own);
    const id = idOf(await pay(own, to));
    const removal = await own.call('DELETE', `/assets/${own.assetId}`);
    expect([removal.status, removal.body]).toEqual([
      422,
      { error: 'Could not remove the asset because an open direct payment pays it' },
    ]);
    await own.call('PATCH', `/payments/${id}/status`, { status: 'CANCELED' });
    expect(await own.promised()).toBe(0n);
    const [deleted, paid] = await Promise.all([own.call('DELETE', `/assets/${own.assetId}`), pay(own, to)]);
    expect([
      [200, 404],
      [422, 201],
    ]).toContainEqual([deleted.status, paid.status]);
  });

  it('finds no asset that is deleted between two of its looks', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own);
    const deletion = new Client({ connectionString: server.database.superuserUrl });
    await deletion.connect();
    try {
      await deletion.query('BEGIN');
      await deletion.query('LOCK TABLE catalogue.wallets IN ACCESS EXCLUSIVE MODE');
      await deletion.query('UPDATE catalogue.assets SET deleted_at = now() WHERE id = $1', [own.assetId]);
      const paying = pay(own, to);
      await server.waitsForLock();
      await deletion.query('COMMIT');
      expect((await paying).status).toBe(404);
    } finally {
      await deletion.end();
    }
  });

  it('leaves a row in the audit log that names it, and none when it is refused', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own);
    const id = idOf(await pay(own, to));
    await pay(own, to, '1000');
    const { body } = await own.call('GET', '/audit');
    const rows = Reflect.get(Object(body), 'data') as { readonly action: string }[];
    expect(rows.filter(({ action }) => action === 'POST /payments')).toMatchObject([
      {
        subject: { type: 'payment', id },
        after: { status: 'READY', amount: '12.5000000', asset: 'XLM', receiver: to.id },
      },
    ]);
  });

  it('is made by an API key that may write payments, for who made the key', async () => {
    const own = await world(100n * UNIT);
    const to = await person(own);
    for (const [permission, status] of [
      ['read:payments', 403],
      ['write:payments', 201],
    ] as const) {
      const { id: createdBy } = await server.user(own.tenant, 'owner');
      const key = await server.apiKey(own.tenant, { createdBy, permissions: [permission] });
      const reply = await server.call('POST', '/payments', {
        headers: { authorization: key, 'sdp-tenant-name': own.tenant.name },
        json: bodyFor(own, to),
      });
      expect(reply.status).toBe(status);
    }
  });
});
