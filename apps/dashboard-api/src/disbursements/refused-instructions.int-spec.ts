import { newId } from '@libs/kernel';

import { openUploadWorld, phone, phoneFile, UPLOADED, type UploadWorld } from '../testing/upload-world';

describe('files of instructions', () => {
  let server: UploadWorld['server'];
  let tenant: UploadWorld['tenant'];
  let token: UploadWorld['token'];
  let disbursement: UploadWorld['disbursement'];
  let upload: UploadWorld['upload'];
  let read: UploadWorld['read'];
  let payments: UploadWorld['payments'];

  beforeAll(async () => {
    ({ server, tenant, token, disbursement, upload, read, payments } = await openUploadWorld());
  });

  afterAll(() => server.stop());

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
});
