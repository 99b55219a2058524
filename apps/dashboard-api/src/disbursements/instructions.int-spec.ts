import { newId } from '@libs/kernel';
import { request } from 'node:http';

import { type Reply, TestServer, type TestTenant } from '../testing/test-server';

const ISSUER = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const UPLOADED = { message: 'File uploaded successfully' };

interface Order {
  readonly contactType?: string;
  readonly verificationField?: string | null;
  readonly status?: string;
}

/** Kenyan mobile numbers, all different and none of a known person. */
const phone = (index: number): string => `+2547${String(10_000_000 + index)}`;

const phoneFile = (rows: number, amount = '10', from = 0): string =>
  [
    'phone,id,amount,verification,paymentID',
    ...Array.from({ length: rows }, (_, index) =>
      [phone(from + index), `P-${String(from + index)}`, amount, '1990-01-30', `PAY-${String(index)}`].join(),
    ),
  ].join('\n');

describe('files of instructions', () => {
  let server: TestServer;
  let tenant: TestTenant;
  let token: string;
  let userId: string;
  let assetId: string;
  let walletId: string;
  let knownWalletId: string;

  beforeAll(async () => {
    server = await TestServer.start();
    tenant = await server.tenant('acme');
    const user = await server.user(tenant, 'owner');
    userId = user.id;
    token = await server.login(tenant, user.email);
    [assetId, walletId, knownWalletId] = [newId(), newId(), newId()];
    await server.sql('INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, $3, $4)', [
      tenant.id,
      assetId,
      'USDC',
      ISSUER,
    ]);
    for (const [id, name, managed] of [
      [walletId, 'Provider', false],
      [knownWalletId, 'Own wallets', true],
    ]) {
      await server.sql(
        `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, user_managed)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [tenant.id, id, name, `https://${String(id)}.test`, `${String(id)}://x`, managed],
      );
    }
  });
  afterAll(() => server.stop());

  async function disbursement(order: Order = {}): Promise<string> {
    const id = newId();
    const contactType = order.contactType ?? 'PHONE_NUMBER';
    const known = contactType.endsWith('_ADDRESS');
    await server.sql(
      `INSERT INTO disbursements.disbursements
              (tenant_id, id, name, asset_id, wallet_id, status, registration_contact_type, verification_field)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        tenant.id,
        id,
        `of ${id}`,
        assetId,
        known ? knownWalletId : walletId,
        order.status ?? 'DRAFT',
        contactType,
        known ? null : order.verificationField === undefined ? 'DATE_OF_BIRTH' : order.verificationField,
      ],
    );
    return id;
  }

  async function upload(
    id: string,
    content: string | Uint8Array<ArrayBuffer>,
    name = 'people.csv',
  ): Promise<Reply> {
    const form = new FormData();
    form.append('file', new Blob([content], { type: 'text/csv' }), name);
    return await server.call('POST', `/disbursements/${id}/instructions`, { token, body: form });
  }

  const read = async (id: string): Promise<Record<string, unknown>> =>
    (await server.sql('SELECT * FROM disbursements.disbursements WHERE id = $1', [id]))[0] ?? {};
  const payments = async (id: string): Promise<Record<string, unknown>[]> =>
    await server.sql(
      `SELECT p.*, r.phone_number, r.email, r.external_id, w.status AS wallet_status, w.stellar_address, w.stellar_memo_type
         FROM disbursements.payments p
         JOIN receivers.receivers r ON r.id = p.receiver_id
         JOIN receivers.receiver_wallets w ON w.id = p.receiver_wallet_id
        WHERE p.disbursement_id = $1 ORDER BY r.external_id`,
      [id],
    );

  describe('that are right', () => {
    it('become payments, people and receiver wallets, and the disbursement is READY', async () => {
      const id = await disbursement();
      const reply = await upload(id, phoneFile(3, '12.5'));
      expect(reply.body).toEqual(UPLOADED);
      expect(reply.status).toBe(200);
      expect(await read(id)).toMatchObject({
        status: 'READY',
        file_name: 'people.csv',
        count_draft: 3,
        amount_draft: '375000000',
        open: 3,
        status_history: [{ status: 'READY', actor: `user:${userId}` }],
      });
      const found = await payments(id);
      expect(found).toHaveLength(3);
      expect(found[0]).toMatchObject({
        type: 'DISBURSEMENT',
        status: 'DRAFT',
        amount: '125000000',
        asset_id: assetId,
        external_payment_id: 'PAY-0',
        phone_number: phone(0),
        external_id: 'P-0',
        wallet_status: 'DRAFT',
        status_history: [{ status: 'DRAFT', actor: `user:${userId}` }],
      });
      const values = await server.sql(
        'SELECT verification_field, octet_length(value_hmac) AS bytes FROM receivers.verifications WHERE receiver_id = $1',
        [found[0]?.['receiver_id']],
      );
      expect(values).toEqual([{ verification_field: 'DATE_OF_BIRTH', bytes: 32 }]);
    });

    it('come back byte by byte, under their name', async () => {
      const id = await disbursement();
      const content = `\uFEFF${phoneFile(2).replaceAll('\n', '\r\n')}\r\n`;
      await upload(id, content, 'people of süd.csv');
      const reply = await server.call('GET', `/disbursements/${id}/instructions`, { token });
      expect(reply.status).toBe(200);
      // fetch takes the BOM away when it decodes.
      expect(`\uFEFF${reply.text}`).toBe(content);
      expect(reply.headers.get('content-type')).toBe('text/csv');
      expect(reply.headers.get('content-disposition')).toContain(
        "filename*=UTF-8''people%20of%20s%C3%BCd.csv",
      );
      const [row] = await server.sql('SELECT content FROM disbursements.uploads WHERE disbursement_id = $1', [
        id,
      ]);
      expect(Buffer.from(row?.['content'] as Uint8Array).includes(phone(0))).toBe(false);
    });

    it('are found nowhere when there is none', async () => {
      const id = await disbursement();
      for (const unknown of [id, newId(), 'nothing']) {
        const reply = await server.call('GET', `/disbursements/${unknown}/instructions`, { token });
        expect(reply.status).toBe(404);
        expect(reply.body).toEqual({ error: `disbursement ${unknown} has no instructions file` });
      }
    });

    it('replace the file before, and people keep their stored id', async () => {
      const id = await disbursement();
      await upload(id, phoneFile(5, '1', 100));
      const again = phoneFile(3, '2', 102).replaceAll('P-', 'Q-');
      expect((await upload(id, again, 'second.csv')).status).toBe(200);
      expect(await read(id)).toMatchObject({
        count_draft: 3,
        amount_draft: '60000000',
        file_name: 'second.csv',
      });
      const found = await payments(id);
      expect(found.map((payment) => payment['external_id'])).toEqual(['P-102', 'P-103', 'P-104']);
      expect(new Set(found.map((payment) => payment['upload_id']))).toEqual(
        new Set([(await read(id))['current_upload_id']]),
      );
      expect(
        await server.sql('SELECT 1 FROM disbursements.uploads WHERE disbursement_id = $1', [id]),
      ).toHaveLength(1);
    });

    it('replace payments that were cancelled before the start', async () => {
      const id = await disbursement();
      await upload(id, phoneFile(2, '1', 150));
      await server.sql(
        `UPDATE disbursements.payments SET status = 'CANCELED' WHERE id = (SELECT min(id::text)::uuid FROM disbursements.payments WHERE disbursement_id = $1)`,
        [id],
      );
      await server.sql(
        `UPDATE disbursements.disbursements SET count_draft = 1, amount_draft = 10000000, count_canceled = 1, amount_canceled = 10000000 WHERE id = $1`,
        [id],
      );
      expect((await upload(id, phoneFile(4, '1', 150))).status).toBe(200);
      expect(await read(id)).toMatchObject({
        count_draft: 4,
        count_canceled: 0,
        amount_canceled: '0',
        open: 4,
      });
    });

    it('invite people again who were invited and did not come', async () => {
      await upload(await disbursement(), phoneFile(1, '1', 200));
      await server.sql(
        `UPDATE receivers.receiver_wallets SET status = 'READY', invitation_sent_at = now() WHERE receiver_id =
           (SELECT id FROM receivers.receivers WHERE phone_number = $1)`,
        [phone(200)],
      );
      const id = await disbursement();
      await upload(id, phoneFile(1, '1', 200));
      const [payment] = await payments(id);
      const [wallet] = await server.sql('SELECT * FROM receivers.receiver_wallets WHERE id = $1', [
        payment?.['receiver_wallet_id'],
      ]);
      expect(wallet).toMatchObject({ status: 'READY', invitation_sent_at: null });
    });

    it.each([
      ['YEAR_MONTH', '1990-12'],
      ['PIN', 'a1B2'],
      ['NATIONAL_ID_NUMBER', '<1"2\\3>'],
    ])('may verify people by %s', async (verificationField, value) => {
      const id = await disbursement({ verificationField });
      const cell = `"${value.replaceAll('"', '""')}"`;
      const reply = await upload(id, `id,amount,phone,verification\n"a\tb\n\\N",1,${phone(300)},${cell}\n`);
      expect(reply.body).toEqual(UPLOADED);
      expect(await payments(id)).toHaveLength(1);
    });

    it('may bring e-mail addresses, and need no verification where the disbursement asks for none', async () => {
      const id = await disbursement({ contactType: 'EMAIL', verificationField: null });
      const reply = await upload(id, 'email,id,amount\n Ann.O+x@Mail.Example.org ,a,0.0000001\n');
      expect(reply.body).toEqual(UPLOADED);
      expect(await payments(id)).toMatchObject([{ email: 'ann.o+x@mail.example.org', amount: '1' }]);
      expect(
        await server.sql(`SELECT 1 FROM receivers.verifications v JOIN receivers.receivers r ON r.id = v.receiver_id
         WHERE r.email LIKE 'ann.o%'`),
      ).toEqual([]);
    });
  });

  describe('with known addresses', () => {
    const ADDRESSES = [
      'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5',
      'GCVL44LFV3BFI627ABY3YRITFBRJVXUQVPLXQ3LISMI5UVKS5LHWTPT7',
    ];
    const file = (...rows: string[]): string =>
      ['email,id,amount,walletAddress,walletAddressMemo', ...rows].join('\n');
    const order = { contactType: 'EMAIL_AND_WALLET_ADDRESS' };

    it('register people with their address and memo', async () => {
      const id = await disbursement(order);
      const reply = await upload(
        id,
        file(
          `a@known.org,a,1,${ADDRESSES[0]?.toLowerCase() ?? ''},00123`,
          `b@known.org,b,1,${ADDRESSES[1] ?? ''},Gruß`,
        ),
      );
      expect(reply.body).toEqual(UPLOADED);
      expect(await payments(id)).toMatchObject([
        { wallet_status: 'REGISTERED', stellar_address: ADDRESSES[0], stellar_memo_type: 'id' },
        { wallet_status: 'REGISTERED', stellar_address: ADDRESSES[1], stellar_memo_type: 'text' },
      ]);
      // The same people once more: nothing to register.
      const again = await upload(
        await disbursement(order),
        file(`a@known.org,a,1,${ADDRESSES[0] ?? ''},00123`),
      );
      expect(again.body).toEqual(UPLOADED);
    });

    it('are refused when the person has another address, or the address another owner', async () => {
      const id = await disbursement(order);
      const other = await upload(id, file(`a@known.org,a,1,${ADDRESSES[1] ?? ''},`));
      expect(other.status).toBe(400);
      expect(other.text).toContain('receiver wallet address mismatch for receiver with ID');
      const taken = await upload(id, file(`new@known.org,n,1,${ADDRESSES[0] ?? ''},`));
      expect(taken.status).toBe(409);
      expect(taken.body).toEqual({
        error: `wallet address ${ADDRESSES[0] ?? ''} is already registered to another receiver: wallet address already in use`,
      });
      expect(await server.sql(`SELECT 1 FROM receivers.receivers WHERE email = 'new@known.org'`)).toEqual([]);
      expect(await read(id)).toMatchObject({ status: 'DRAFT', current_upload_id: null });
    });

    it('are refused line by line when they are no accounts', async () => {
      const contract = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
      const reply = await upload(
        await disbursement(order),
        file(
          `x@known.org,x,1,${contract},`,
          `y@known.org,y,1,GABC,`,
          `z@known.org,z,1,${ADDRESSES[0] ?? ''},${'ä'.repeat(15)}`,
        ),
      );
      expect(reply.body).toEqual({
        error: 'could not parse csv file',
        extras: {
          'line 2 - wallet address': 'contract addresses are not supported yet',
          'line 3 - wallet address':
            'invalid wallet address. Must be a valid Stellar public key or contract address',
          'line 4 - wallet address memo':
            'invalid wallet address memo. For more information, visit https://docs.stellar.org/learn/encyclopedia/transactions-specialized/memos',
        },
      });
    });
  });

  describe('with a verification value that differs from the stored one', () => {
    const one = (value: string): string => `phone,id,amount,verification\n${phone(400)},P-400,1,${value}\n`;
    const stored = async (): Promise<Record<string, unknown> | undefined> =>
      (
        await server.sql(
          `SELECT v.* FROM receivers.verifications v JOIN receivers.receivers r ON r.id = v.receiver_id WHERE r.phone_number = $1`,
          [phone(400)],
        )
      )[0];

    it('replace it while the person has not confirmed it, and are refused afterwards', async () => {
      const id = await disbursement();
      await upload(id, one('1990-01-30'));
      const before = await stored();
      expect((await upload(id, one('1990-01-31'))).body).toEqual(UPLOADED);
      const after = await stored();
      expect(after?.['value_hmac']).not.toEqual(before?.['value_hmac']);
      await server.sql('UPDATE receivers.verifications SET confirmed_at = now() WHERE receiver_id = $1', [
        after?.['receiver_id'],
      ]);
      expect((await upload(id, one('1990-01-31'))).body).toEqual(UPLOADED);
      const refused = await upload(id, one('1990-01-30'));
      expect(refused.status).toBe(400);
      expect(refused.body).toEqual({
        error: `receiver verification mismatch: receiver verification for ${phone(400)} doesn't match. Check instruction with ID P-400`,
      });
      expect((await stored())?.['value_hmac']).toEqual(after?.['value_hmac']);
      expect(await read(id)).toMatchObject({ status: 'READY', count_draft: 1 });
    });
  });

  describe('that are wrong', () => {
    it('are refused with every mistake of every line, and leave the file before as it was', async () => {
      const id = await disbursement();
      await upload(id, phoneFile(2, '7', 500), 'before.csv');
      const known = await server.sql('SELECT count(*)::int AS n FROM receivers.receivers');
      const reply = await upload(
        id,
        [
          'phone,id,amount,verification,paymentID',
          `${phone(600)},,1e3,2990-01-01,`,
          `254712345678,a,1,1990-02-30,`,
          `${phone(601)},b,1,1990-01-01,${'x'.repeat(65)}`,
          ` ${phone(601)} ,c,0,1990-01-01,`,
          `+999123456789,d,1,1990-01-01,`,
          `,${'y'.repeat(65)},1,,`,
        ].join('\n'),
      );
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({
        error: 'could not parse csv file',
        extras: {
          'line 2 - id': 'id cannot be empty',
          'line 2 - amount': 'invalid amount. Amount must be a positive number',
          'line 2 - date of birth': 'date of birth cannot be in the future',
          'line 3 - phone': 'invalid phone format. Correct format: +380445555555',
          'line 3 - date of birth': 'invalid date of birth format. Correct format: 1990-01-30',
          'line 4 - paymentID': 'paymentID cannot exceed 64 characters',
          'line 5 - amount': 'invalid amount. Amount must be a positive number',
          'line 5 - contact info': 'duplicate contact information. Also found on line 4',
          'line 6 - phone': 'invalid phone format. Correct format: +380445555555',
          'line 7 - id': 'id cannot exceed 64 characters',
          'line 7 - phone': 'phone cannot be empty',
          'line 7 - date of birth': 'date of birth cannot be empty',
        },
      });
      expect(await server.sql('SELECT count(*)::int AS n FROM receivers.receivers')).toEqual(known);
      expect(await read(id)).toMatchObject({ status: 'READY', count_draft: 2, file_name: 'before.csv' });
      expect(await payments(id)).toHaveLength(2);
    });

    it('are answered with at most a thousand mistakes and the count of the rest', async () => {
      const reply = await upload(await disbursement(), phoneFile(1_500, '-1'));
      const { extras } = reply.body as { extras: Record<string, string> };
      expect(Object.keys(extras)).toHaveLength(1_001);
      expect(extras['more errors']).toBe('500 more errors are not shown');
    });

    it('cannot promise more than the ledger can hold', async () => {
      const reply = await upload(await disbursement(), phoneFile(2, '922337203685.4775807'));
      expect(reply.body).toEqual({
        error: 'could not parse csv file',
        extras: { instructions: 'the sum of all amounts is more than the ledger can hold' },
      });
    });

    it.each([
      ['../up.csv', 200, UPLOADED],
      ['a..\\up.csv', 400, { error: 'file name contains invalid traversal pattern' }],
      ['people.xlsx', 400, { error: 'the file extension should be .csv' }],
    ])('are judged by their name: %s', async (name, status, body) => {
      const reply = await upload(await disbursement(), phoneFile(1, '1', 700), name);
      expect(reply.body).toEqual(body);
      expect(reply.status).toBe(status);
    });

    it('are not looked at when there is none, or the disbursement takes none', async () => {
      const started = await upload(await disbursement({ status: 'STARTED' }), phoneFile(1));
      expect(started.body).toEqual({ error: 'disbursement is not in draft or ready status' });
      for (const unknown of [newId(), 'x']) {
        expect((await upload(unknown, phoneFile(1))).body).toEqual({ error: 'disbursement ID is invalid' });
      }
      const path = `/disbursements/${await disbursement()}/instructions`;
      const form = new FormData();
      form.append('other', new Blob(['x']), 'x.csv');
      expect((await server.call('POST', path, { token, body: form })).body).toEqual({
        error: 'could not parse file',
      });
      expect((await server.call('POST', path, { token, json: {} })).body).toEqual({
        error: 'could not parse multipart form data',
      });
      const cut = await server.call('POST', path, {
        token,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nphone,id',
      });
      expect(cut.body).toEqual({ error: 'could not parse multipart form data' });
      expect(cut.status).toBe(400);
    });

    it('are refused above the limits of the organisation', async () => {
      const id = await disbursement();
      const limit = (rows: number, bytes: number): Promise<unknown> =>
        server.sql(
          'UPDATE tenants.organizations SET upload_rows_max = $2, upload_bytes_max = $3 WHERE tenant_id = $1',
          [tenant.id, rows, bytes],
        );
      await limit(2, 10_000);
      expect((await upload(id, phoneFile(2, '1', 800))).body).toEqual(UPLOADED);
      expect((await upload(id, phoneFile(3, '1', 800))).body).toEqual({
        error: 'number of instructions exceeds maximum of 2',
      });
      const large = await upload(id, phoneFile(2, '1', 800).padEnd(20_000, '\n'));
      expect(large.body).toEqual({
        error: 'could not parse multipart form data',
        extras: { details: 'request too large. Max size 10000 bytes.' },
      });
      await limit(1_000_000, 200_000_000);
    });
  });

  it('that are sent at once never mix: one of them is the file, whole', async () => {
    const id = await disbursement();
    const files = [1, 2, 3, 4].map((amount) => phoneFile(200 + amount, String(amount), 2_000));
    const replies = await Promise.all(
      files.map((content, index) => upload(id, content, `${String(index)}.csv`)),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { count_draft: count, amount_draft: amount, file_name: name } = await read(id);
    const winner = Number(String(name).charAt(0)) + 1;
    expect([count, amount]).toEqual([200 + winner, String((200 + winner) * winner * 10_000_000)]);
    const found = await payments(id);
    expect(new Set(found.map((payment) => payment['upload_id'])).size).toBe(1);
    expect(found).toHaveLength(200 + winner);
  });

  it('with the same people in another order do not lock each other up', async () => {
    const lines = phoneFile(400, '1', 3_000).split('\n');
    const [header = '', ...rows] = lines;
    const ids = await Promise.all([1, 2, 3, 4].map(() => disbursement()));
    const replies = await Promise.all(
      ids.map((id, index) =>
        upload(id, [header, ...(index % 2 === 0 ? rows : rows.toReversed())].join('\n')),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const people = await server.sql(
      'SELECT count(*)::int AS n FROM receivers.receivers WHERE phone_number BETWEEN $1 AND $2',
      [phone(3_000), phone(3_399)],
    );
    expect(people).toEqual([{ n: 400 }]);
  });

  it('that are sent twice under one Idempotency-Key are published once', async () => {
    const id = await disbursement();
    const send = async (content: string): Promise<Reply> => {
      const body = new FormData();
      body.append('file', new Blob([content]), 'a.csv');
      const headers = { 'Idempotency-Key': 'upload-1' };
      return await server.call('POST', `/disbursements/${id}/instructions`, { token, body, headers });
    };
    const first = await send(phoneFile(2, '1', 4_000));
    const uploadId = (await read(id))['current_upload_id'];
    await server.sql(`UPDATE disbursements.disbursements SET status = 'STARTED' WHERE id = $1`, [id]);
    const again = await send(phoneFile(2, '1', 4_000));
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(UPLOADED);
    expect((await read(id))['current_upload_id']).toBe(uploadId);
    expect((await send(phoneFile(2, '2', 4_000))).status).toBe(409);
  });

  it('that come slowly take no database connection from others, and break off without a trace', async () => {
    const id = await disbursement();
    const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nphone,id';
    // More than the server has connections to the database.
    const slow = Array.from({ length: 12 }, () => {
      const sending = request(`${server.url}/disbursements/${id}/instructions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'multipart/form-data; boundary=x',
          'x-forwarded-for': `10.1.1.${newId()}`,
        },
      });
      sending.on('error', () => undefined);
      sending.write(head);
      return sending;
    });
    const reply = await upload(id, phoneFile(2, '1', 5_000));
    expect(reply.body).toEqual(UPLOADED);
    for (const sending of slow) sending.destroy();
    expect((await upload(id, phoneFile(3, '1', 5_000))).body).toEqual(UPLOADED);
    expect(await read(id)).toMatchObject({ count_draft: 3 });
    expect(server.logs).toEqual([]);
  });

  describe('that come with their disbursement', () => {
    const create = async (data: object, content: string): Promise<Reply> => {
      const body = new FormData();
      body.append('data', JSON.stringify(data));
      body.append('file', new Blob([content]), 'people.csv');
      return await server.call('POST', '/disbursements', { token, body });
    };
    const order = (name: string): Record<string, string> => ({
      name,
      asset_id: assetId,
      wallet_id: walletId,
      registration_contact_type: 'PHONE_NUMBER',
      verification_field: 'DATE_OF_BIRTH',
    });

    it('are published with it, and the answer shows it READY', async () => {
      const reply = await create(order('in one piece'), phoneFile(2, '3', 6_000));
      expect(reply.status).toBe(201);
      expect(reply.body).toMatchObject({
        name: 'in one piece',
        status: 'READY',
        file_name: 'people.csv',
        total_payments: 2,
        total_amount: '6.0000000',
      });
    });

    it('leave no disbursement when they are refused', async () => {
      const bad = await create(order('bad file'), phoneFile(2, '-3', 6_000));
      expect(bad.status).toBe(400);
      expect(bad.body).toMatchObject({ extras: { 'line 2 - amount': expect.any(String) as string } });
      const fields = await create({ ...order('x'), verification_field: 'SHOE_SIZE' }, phoneFile(1));
      expect(fields.body).toMatchObject({ extras: { verification_field: expect.any(String) as string } });
      expect(await server.sql(`SELECT 1 FROM disbursements.disbursements WHERE name = 'bad file'`)).toEqual(
        [],
      );
    });
  });
});
