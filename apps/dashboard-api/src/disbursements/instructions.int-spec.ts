import { newId } from '@libs/kernel';
import { randomBytes } from 'node:crypto';
import { type ClientRequest, request } from 'node:http';

import { createStaffServer } from '../dashboard-api';
import type { Reply } from '../testing/test-server';
import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';

/** How many files of an organisation are received at a time. */
const AT_ONCE = 16;
const PATIENCE_MS = 20_000;
const LOOK_MS = 50;

describe('files of instructions', () => {
  let server: UploadWorld['server'];
  let token: UploadWorld['token'];
  let userId: UploadWorld['userId'];
  let assetId: UploadWorld['assetId'];
  let disbursement: UploadWorld['disbursement'];
  let upload: UploadWorld['upload'];
  let read: UploadWorld['read'];
  let payments: UploadWorld['payments'];

  beforeAll(async () => {
    ({ server, token, userId, assetId, disbursement, upload, read, payments } = await openUploadWorld());
  });

  afterAll(() => server.stop());

  /** An upload that says no more than how it begins. */
  function startOf(id: string, headers: Record<string, string> = {}): ClientRequest {
    const sending = request(`${server.url}/disbursements/${id}/instructions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=x',
        'x-forwarded-for': `10.1.1.${newId()}`,
        ...headers,
      },
    });
    sending.on('error', () => undefined);
    sending.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nphone,id');
    return sending;
  }
  async function until(ask: () => Promise<Reply>, isWanted: (reply: Reply) => boolean): Promise<Reply> {
    for (const end = performance.now() + PATIENCE_MS; ;) {
      const reply = await ask();
      if (isWanted(reply) || performance.now() > end) return reply;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

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
        trace: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) as string,
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
      const [row] = await server.sql(
        `SELECT p.content FROM disbursements.upload_parts p JOIN disbursements.uploads u ON u.id = p.upload_id
          WHERE u.disbursement_id = $1`,
        [id],
      );
      expect(Buffer.from(row?.['content'] as Uint8Array).includes(phone(0))).toBe(false);
    });

    it('come back after the key was changed, where the old one is given as readable', async () => {
      const id = await disbursement();
      await upload(id, phoneFile(2));
      const { platform } = server;
      const app = await createStaffServer({
        ...platform,
        settings: {
          ...platform.settings,
          MESSAGE_ENCRYPTION_KEY: randomBytes(32),
          MESSAGE_ENCRYPTION_KEYS_READABLE: [randomBytes(32), platform.settings.MESSAGE_ENCRYPTION_KEY],
        },
      });
      await app.listen(0, '127.0.0.1');
      const answer = await fetch(`${await app.getUrl()}/disbursements/${id}/instructions`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const content = await answer.text();
      await app.close();
      expect([answer.status, content]).toEqual([200, phoneFile(2)]);
    });

    it('answer with what is wrong, and no byte, when the key that they were sealed under is not here', async () => {
      const id = await disbursement();
      await upload(id, phoneFile(2));
      // Bytes 2 to 5 name the key.
      await server.sql(
        `UPDATE disbursements.upload_parts SET content = set_byte(content, 1, get_byte(content, 1) # 1)
          WHERE upload_id = (SELECT id FROM disbursements.uploads WHERE disbursement_id = $1)`,
        [id],
      );
      const reply = await server.call('GET', `/disbursements/${id}/instructions`, { token });
      expect(reply.status).toBe(500);
      expect(reply.body).toEqual({
        error:
          'What is kept of this cannot be opened with the key that this server has. Please tell your operator.',
        error_code: '500_0',
      });
      expect(server.logs.splice(0)).toMatchObject([
        { message: 'a request failed', error: { message: 'sealed under a key that is not here' } },
      ]);
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

  it('that are sent at once never mix: one of them is the file, whole', async () => {
    const id = await disbursement();
    const files = [1, 2, 3, 4].map((amount) => phoneFile(200 + amount, String(amount), 2_000));
    const replies = await Promise.all(
      files.map((content, index) => upload(id, content, `${String(index)}.csv`)),
    );
    // One file at a time: who comes while another one is under way is told so.
    expect(replies.map(({ status }) => status).filter((status) => status !== 409)).toContain(200);
    for (const { status, body } of replies) {
      if (status === 409)
        expect(body).toEqual({ error: expect.stringContaining('another file is being uploaded') as string });
      else expect([status, body]).toEqual([200, UPLOADED]);
    }
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

  it('that are sent again are bounded like all others while they are read', async () => {
    const id = await disbursement();
    const body = phoneFile(2, '1', 4_500);
    expect((await upload(id, body)).body).toEqual(UPLOADED);
    // A file comes too late for it now, so each is read only to see whether it came before.
    await server.sql(`UPDATE disbursements.disbursements SET status = 'STARTED' WHERE id = $1`, [id]);
    const again = async (): Promise<Reply> => {
      const form = new FormData();
      form.append('file', new Blob([body]), 'a.csv');
      const headers = { 'Idempotency-Key': newId(), 'x-forwarded-for': `10.1.3.${newId()}` };
      return await server.call('POST', `/disbursements/${id}/instructions`, { token, body: form, headers });
    };
    const begun = (): ClientRequest => startOf(id, { 'idempotency-key': newId() });
    const slow = Array.from({ length: AT_ONCE }, begun);
    const oneMore = async (): Promise<Reply> => {
      const reply = await again();
      // One of those before was turned away while a question had its place: the next one comes before the next question.
      slow.push(begun());
      return reply;
    };
    const busy = await until(oneMore, ({ status }) => status === 503);
    for (const sending of slow) sending.destroy();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '10']);
    const free = await until(again, ({ status }) => status !== 503);
    expect([free.status, free.body]).toEqual([
      400,
      { error: 'disbursement is not in draft or ready status' },
    ]);
    expect(server.logs).toEqual([]);
  });

  it('that come slowly take no database connection from others, and break off without a trace', async () => {
    const id = await disbursement();
    const drafts = await Promise.all(Array.from({ length: 12 }, () => disbursement()));
    // More than the server has connections to the database.
    const slow = drafts.map((draft) => startOf(draft));
    const reply = await upload(id, phoneFile(2, '1', 5_000));
    expect(reply.body).toEqual(UPLOADED);
    for (const sending of slow) sending.destroy();
    expect((await upload(id, phoneFile(3, '1', 5_000))).body).toEqual(UPLOADED);
    expect(await read(id)).toMatchObject({ count_draft: 3 });
    expect(server.logs).toEqual([]);
  });
});
