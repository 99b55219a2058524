import { newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

import { DisbursementWorld } from '../testing/disbursement-world';
import { type Reply, TestServer } from '../testing/test-server';

const ADDRESSES = [
  'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN',
  'GDQP2KPQGKIHYJGXNUIYOMHARUARCA7DJT5FO2FFOOKY3B2WSQHG4W37',
] as const;
const CONTRACT = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';

describe('staff who enter and correct people', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  let strangers: DisbursementWorld;
  let phones = 0;
  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'acme');
    strangers = await DisbursementWorld.make(server, 'strangers');
  });
  afterAll(() => server.stop());

  const newPhone = (): string => `+1415555${String((phones += 1) + 1000)}`;
  const post = (json: unknown): Promise<Reply> => world.call('POST', '/receivers', json, 'initiator');
  const patch = (path: string, json?: unknown, by = world): Promise<Reply> =>
    by.call('PATCH', `/receivers/${path}`, json ?? {}, 'approver');
  const field = (body: unknown, name: string): unknown => Reflect.get(Object(body), name);
  const idOf = (body: unknown): string => String(field(body, 'id'));
  const firstWallet = (body: unknown): string => idOf((field(body, 'wallets') as unknown[])[0]);
  const person = (more: object = {}): object => ({
    phone_number: newPhone(),
    external_id: 'p-1',
    verifications: [{ type: 'PIN', value: '1234' }],
    ...more,
  });
  const withAddress = (address: string, memo?: string): object =>
    person({ verifications: [], wallets: [{ address, ...(memo === undefined ? {} : { memo }) }] });

  it('add somebody by e-mail and phone with a value to verify, which nobody can read again', async () => {
    const phone = newPhone();
    const reply = await post(person({ email: 'Ada@People.Test', phone_number: phone }));
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      email: 'ada@people.test',
      phone_number: phone,
      external_id: 'p-1',
      total_payments: '0',
      wallets: [],
      verifications: [{ verification_field: 'PIN', attempts: 0, confirmed_at: null }],
    });
    expect(reply.text).not.toContain('1234');
    const known = await world.call('GET', `/receivers/${idOf(reply.body)}`);
    expect(known.body).toEqual(reply.body);
  });

  it('add somebody with an address, who is registered at once', async () => {
    const reply = await post(withAddress(ADDRESSES[0], '42'));
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      wallets: [
        { status: 'REGISTERED', stellar_address: ADDRESSES[0], stellar_memo: '42', stellar_memo_type: 'id' },
      ],
    });
    const other = await post(withAddress(ADDRESSES[0]));
    expect(other.status).toBe(409);
    expect(other.body).toEqual({
      error: 'The provided wallet address is already associated with another user.',
      extras: { wallet_address: 'wallet address must be unique' },
    });
    const people = await server.sql('SELECT id FROM receivers.receivers WHERE tenant_id = $1', [
      world.tenant.id,
    ]);
    expect(people).toHaveLength(2);
  });

  it('are told everything that is wrong', async () => {
    const none = await post({});
    expect(none.status).toBe(400);
    expect(none.body).toEqual({
      error: 'validation error',
      extras: {
        email: 'email is required when phone_number is not provided',
        phone_number: 'phone_number is required when email is not provided',
        external_id: 'external_id is required',
        verifications: 'verifications are required when wallets are not provided',
        wallets: 'wallets are required when verifications are not provided',
      },
    });
    const wrong = await post({
      email: 'ada',
      phone_number: '+999',
      external_id: 'x'.repeat(65),
      verifications: [
        { type: 'SHOE_SIZE', value: '42' },
        { type: 'DATE_OF_BIRTH', value: '1990-02-30' },
        { type: 'DATE_OF_BIRTH', value: '1990-02-01' },
      ],
      wallets: [{ address: CONTRACT, memo: 'x'.repeat(29) }],
    });
    expect(wrong.body).toEqual({
      error: 'validation error',
      extras: {
        email: 'invalid email format',
        phone_number: 'invalid phone number format',
        external_id: 'external_id cannot exceed 64 characters',
        'verifications[0].type': 'invalid verification type',
        'verifications[1].value': 'invalid date of birth format. Correct format: 1990-01-30',
        'verifications[2].type': 'each verification type can be given once',
        'wallets[0].address': 'contract addresses are not supported yet',
        'wallets[0].memo':
          'invalid memo. A memo is a number, 64 hexadecimal digits, or a text of at most 28 bytes',
      },
    });
    const two = await post({ ...withAddress(ADDRESSES[1]), wallets: [{ address: 'G' }, { address: 'G' }] });
    expect(two.body).toMatchObject({ extras: { wallets: 'only one wallet is allowed per receiver' } });
    for (const odd of [null, [], 'text', { email: 7, external_id: {}, verifications: {}, wallets: 'x' }]) {
      expect((await post(odd)).status).toBe(400);
    }
  });

  it('cannot give one contact to two people, neither when they add nor when they change them', async () => {
    const [first, second] = [await post(person({ email: 'one@people.test' })), await post(person())];
    const phone = String(field(second.body, 'phone_number'));
    expect((await post(person({ email: 'ONE@people.test' }))).body).toEqual({
      error: 'The provided email is already associated with another user.',
      extras: { email: 'email must be unique' },
    });
    const taken = await patch(idOf(first.body), { phone_number: phone });
    expect(taken.status).toBe(409);
    expect(taken.body).toEqual({
      error: 'The provided phone number is already associated with another user.',
      extras: { phone_number: 'phone number must be unique' },
    });
    expect((await patch(idOf(first.body), { email: 'one@people.test' })).status).toBe(200);
  });

  it('change contacts and a value, which the log tells without the value', async () => {
    const { body } = await post(person());
    await server.sql(
      `UPDATE receivers.verifications SET confirmed_at = now(), confirmed_by_type = 'RECEIVER' WHERE receiver_id = $1`,
      [idOf(body)],
    );
    const reply = await patch(idOf(body), {
      email: 'New@People.Test',
      external_id: 'p-2',
      date_of_birth: '1990-01-30',
      pin: '98765',
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      email: 'new@people.test',
      external_id: 'p-2',
      verifications: [
        { verification_field: 'DATE_OF_BIRTH', confirmed_at: null },
        { verification_field: 'PIN', confirmed_by_type: 'USER', attempts: 0 },
      ],
    });
    const log = await server.sql(
      `SELECT after::text AS after FROM identity.audit_log WHERE tenant_id = $1 AND action = 'PATCH /receivers/:id'
        ORDER BY seq DESC LIMIT 1`,
      [world.tenant.id],
    );
    expect(log[0]?.['after']).toContain('new@people.test');
    expect(log[0]?.['after']).not.toMatch(/98765|1990-01-30/);
  });

  it('are told why a change is refused', async () => {
    const id = idOf((await post(person())).body);
    for (const empty of [{}, { external_id: '' }, { email: '', pin: null }]) {
      expect((await patch(id, empty)).body).toEqual({
        error: 'request invalid',
        extras: { body: 'request body is empty' },
      });
    }
    const wrong = await patch(id, {
      email: 'x',
      phone_number: '5',
      external_id: 'x'.repeat(65),
      pin: '1',
      year_month: '1990',
    });
    expect(wrong.body).toEqual({
      error: 'request invalid',
      extras: {
        email: 'invalid email format',
        phone_number: 'invalid phone number format',
        external_id: 'external_id cannot exceed 64 characters',
        pin: 'invalid pin length. Cannot have less than 4 or more than 8 characters in pin',
        year_month: 'invalid year/month format. Correct format: 1990-12',
      },
    });
    for (const [unknown, by] of [
      [newId(), world],
      ['nobody', world],
      [id, strangers],
    ] as const) {
      const reply = await patch(unknown, { pin: '1234' }, by);
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ error: 'Receiver not found' });
    }
  });

  /** Somebody with a wallet of a provider, in this state; returns the receiver wallet's id. */
  async function providerWallet(status: 'READY' | 'REGISTERED', address: string | null): Promise<string> {
    const id = newId();
    const receiver = idOf((await post(person())).body);
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, stellar_address)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [world.tenant.id, id, receiver, world.walletId, status, address],
    );
    if (address !== null) {
      await server.sql(
        'INSERT INTO receivers.address_owners (tenant_id, stellar_address, receiver_id) VALUES ($1, $2, $3)',
        [world.tenant.id, address, receiver],
      );
    }
    return id;
  }

  it('invite again who has not registered yet', async () => {
    const id = await providerWallet('READY', null);
    const reply = await patch(`wallets/${id}`);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ id, wallet_id: world.walletId, invitation_sent_at: null });
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'retry-receiver-wallet-sms-invitation',
      data: { disbursement_id: null, receiver_wallet_ids: [id] },
    });
    expect((await patch(`wallets/${id}`, {}, strangers)).status).toBe(404);
    expect((await patch(`wallets/${newId()}`)).status).toBe(404);
  });

  it('unregister a wallet, whose address is then free for others', async () => {
    const id = await providerWallet('REGISTERED', ADDRESSES[1]);
    expect((await patch(`wallets/${id}`)).status).toBe(404);
    expect((await patch(`wallets/${id}/status`, { status: 'READY' }, strangers)).status).toBe(404);
    const reply = await patch(`wallets/${id}/status`, { status: 'ready' });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ message: 'receiver wallet status updated to "READY"' });
    const again = await patch(`wallets/${id}/status`, { status: 'READY' });
    expect(again.body).toEqual({ error: 'receiver wallet is not registered' });
    expect((await post(withAddress(ADDRESSES[1]))).status).toBe(201);
  });

  it.each(['READY', 'PENDING', 'PAUSED'])(
    'keep a wallet registered that has a %s payment',
    async (status) => {
      const address = accountAddressOf(randomBytes(32));
      const id = await providerWallet('REGISTERED', address);
      const [payment] = await paymentTo(id, status);
      const early = await patch(`wallets/${id}/status`, { status: 'READY' });
      expect([early.status, early.body]).toEqual([400, { error: 'wallet has payments in progress' }]);
      await server.sql(`UPDATE disbursements.payments SET status = 'CANCELED' WHERE id = $1`, [payment]);
      expect((await patch(`wallets/${id}/status`, { status: 'READY' })).status).toBe(200);
    },
  );

  it('can ask for no other status, nor unregister a wallet that has no provider', async () => {
    const { body } = await post(withAddress('GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H'));
    const status = (json: unknown): Promise<Reply> => patch(`wallets/${firstWallet(body)}/status`, json);
    expect((await status({ status: 'READY' })).body).toEqual({
      error: 'user managed wallet cannot be unregistered',
    });
    expect((await status({ status: 'FLAGGED' })).body).toEqual({
      error: 'switching to status "FLAGGED" is not supported',
    });
    for (const odd of [{}, { status: 7 }, { status: 'OFF' }, { status: {} }]) {
      expect((await status(odd)).body).toEqual({
        error: 'invalid status. Valid statuses are: DRAFT, READY, REGISTERED, FLAGGED',
      });
    }
    expect((await patch(`wallets/${newId()}/status`, { status: 'READY' })).body).toEqual({
      error: 'receiver wallet not found',
    });
  });

  it('correct the address of a wallet that has no provider', async () => {
    const [old, next] = [
      'GCEZWKCA5VLDNRLN3RPRJMRZOX3Z6G5CHCGSNFHEYVXM3XOJMDS674JZ',
      'GDW6AUTBXTOC7FIKUO5BOO3OGLK4SF7ZPOBLMQHMZDI45J2Z6VXRB5NR',
    ];
    const { body } = await post(withAddress(old, 'hello'));
    const path = `${idOf(body)}/wallets/${firstWallet(body)}`;
    const reply = await patch(path, { stellar_address: next });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      stellar_address: next,
      stellar_memo: 'hello',
      stellar_memo_type: 'text',
    });
    const bare = await patch(path, { stellar_address: next, stellar_memo: '' });
    expect(bare.body).not.toHaveProperty('stellar_memo');
    expect((await patch(path, { stellar_address: ADDRESSES[0] })).status).toBe(409);
    expect((await post(withAddress(old))).status).toBe(201);
    const log = await server.sql(
      'SELECT before, after FROM identity.audit_log WHERE subject_id = $1 ORDER BY seq',
      [firstWallet(body)],
    );
    expect(log).toEqual([
      { before: { address: old, memo: 'hello' }, after: { address: next, memo: 'hello' } },
      { before: { address: next, memo: 'hello' }, after: { address: next, memo: null } },
    ]);
  });

  it('are told why an address cannot be changed', async () => {
    const { body } = await post(withAddress('GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7'));
    const path = `${idOf(body)}/wallets/${firstWallet(body)}`;
    for (const [json, text] of [
      [{}, 'stellar_address is required'],
      [{ stellar_address: 'G' }, 'stellar_address must be a valid Stellar account or contract address'],
      [{ stellar_address: CONTRACT }, 'contract addresses are not supported yet'],
    ] as const) {
      expect((await patch(path, json)).body).toEqual({ error: text });
    }
    const address = { stellar_address: ADDRESSES[0] };
    const other = idOf((await post(person())).body);
    expect((await patch(`${other}/wallets/${firstWallet(body)}`, address)).body).toEqual({
      error: 'Receiver wallet does not belong to the specified receiver',
    });
    const provided = await providerWallet('READY', null);
    const [row] = await server.sql('SELECT receiver_id FROM receivers.receiver_wallets WHERE id = $1', [
      provided,
    ]);
    expect((await patch(`${String(row?.['receiver_id'])}/wallets/${provided}`, address)).body).toEqual({
      error: 'Cannot edit stellar address for non-user-managed wallet',
    });
    expect((await patch(path, address, strangers)).status).toBe(404);
    expect((await patch(`${idOf(body)}/wallets/${newId()}`, address)).status).toBe(404);
  });

  async function paymentTo(receiverWallet: string, status: string): Promise<string[]> {
    const id = newId();
    await server.sql(
      `INSERT INTO disbursements.payments (tenant_id, id, type, receiver_id, receiver_wallet_id, asset_id, amount, status)
       SELECT tenant_id, $2, 'DIRECT', receiver_id, id, $3, 10, $4 FROM receivers.receiver_wallets WHERE id = $1`,
      [receiverWallet, id, world.assetId, status],
    );
    return [id];
  }

  it('are told that a contact is taken also when it is being taken at that moment', async () => {
    const [phone, other] = [newPhone(), idOf((await post(person())).body)];
    const holder = new Client({ connectionString: server.database.superuserUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(
      `INSERT INTO receivers.receivers (tenant_id, id, phone_number, external_id) VALUES ($1, uuidv7(), $2, 'quicker')`,
      [world.tenant.id, phone],
    );
    const change = patch(other, { phone_number: phone });
    await server.waitsForLock();
    await holder.query('COMMIT');
    await holder.end();
    expect((await change).status).toBe(409);
    expect((await change).body).toEqual((await patch(other, { phone_number: phone })).body);
  });
});
