import { hashWithContact } from '@libs/receivers';

import { openUploadWorld, phone, UPLOADED, type UploadWorld } from '../testing/upload-world';

describe('files of people who are known already', () => {
  let server: UploadWorld['server'];
  let tenant: UploadWorld['tenant'];
  let disbursement: UploadWorld['disbursement'];
  let upload: UploadWorld['upload'];
  let read: UploadWorld['read'];
  let payments: UploadWorld['payments'];

  beforeAll(async () => {
    ({ server, tenant, disbursement, upload, read, payments } = await openUploadWorld());
  });

  afterAll(() => server.stop());

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

    it('are refused with another memo, which at a custodian is another person, and go to the known one without any', async () => {
      const id = await disbursement(order);
      const [first, second] = ADDRESSES;
      const memos = (a: string, b: string): string =>
        file(`a@known.org,a,1,${first ?? ''},${a}`, `b@known.org,b,1,${second ?? ''},${b}`);
      const other = await upload(id, memos('00123', 'Gruss'));
      expect(other.status).toBe(400);
      expect(other.text).toMatch(
        /receiver wallet memo mismatch: .* is registered with another memo \(line 3\)\. Leave the memo of the file empty/,
      );
      expect(await read(id)).toMatchObject({ status: 'DRAFT', current_upload_id: null });
      expect((await upload(id, memos('123', 'Gruß'))).body).toEqual(UPLOADED);
      expect((await upload(id, memos('', ''))).body).toEqual(UPLOADED);
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

  it('may name people by numbers that were telephones once, and nobody else', async () => {
    const [id, stranger] = [await disbursement(), '+999123456789'];
    const file = `phone,id,amount,verification\n${stranger},P-1,1,1990-01-30\n${phone(390)},P-2,1,1990-01-30`;
    const refused = await upload(id, file);
    expect(refused.body).toMatchObject({
      extras: { 'line 2 - phone': 'invalid phone format. Correct format: +380445555555' },
    });
    await upload(id, file.replace(stranger, phone(391)));
    await server.sql('UPDATE receivers.receivers SET phone_number = $2 WHERE phone_number = $1', [
      phone(391),
      stranger,
    ]);
    expect((await upload(id, file)).body).toEqual(UPLOADED);
    expect((await payments(id)).map((row) => row['phone_number']).sort()).toEqual([phone(390), stranger]);
    // A line with a known person counts as one of them: the second is there twice.
    const twice = await upload(id, `${file}\n${stranger},P-3,1,1990-01-30`);
    expect(twice.body).toMatchObject({
      extras: { 'line 4 - contact info': 'duplicate contact information. Also found on line 2' },
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

  describe('by another contact than the one before', () => {
    const byPhone = (nr: number, value: string): string =>
      `phone,id,amount,verification\n${phone(nr)},P-${String(nr)},1,${value}\n`;
    const byMail = (nr: number, value: string): string =>
      `email,id,amount,verification\np${String(nr)}@known.org,P-${String(nr)},1,${value}\n`;

    /** Known by both contacts, having confirmed what the file by phone said. */
    async function givenConfirmed(nr: number): Promise<string> {
      expect((await upload(await disbursement(), byPhone(nr, '1990-01-30'))).body).toEqual(UPLOADED);
      const [receiver] = await server.sql(
        'UPDATE receivers.receivers SET email = $2 WHERE phone_number = $1 RETURNING id',
        [phone(nr), `p${String(nr)}@known.org`],
      );
      const id = String(receiver?.['id']);
      await server.sql('UPDATE receivers.verifications SET confirmed_at = now() WHERE receiver_id = $1', [
        id,
      ]);
      return id;
    }

    it('are taken when the value is the one that was confirmed, and refused when it is another', async () => {
      await givenConfirmed(410);
      const id = await disbursement({ contactType: 'EMAIL' });
      expect((await upload(id, byMail(410, '1990-01-30'))).body).toEqual(UPLOADED);
      const refused = await upload(id, byMail(410, '1990-01-31'));
      expect(refused.status).toBe(400);
      expect(refused.text).toContain("receiver verification for p410@known.org doesn't match");
    });

    it('are taken when only the number of the person has changed', async () => {
      const receiverId = await givenConfirmed(411);
      await server.sql('UPDATE receivers.receivers SET phone_number = $2 WHERE id = $1', [
        receiverId,
        phone(412),
      ]);
      expect((await upload(await disbursement(), byPhone(412, '1990-01-30'))).body).toEqual(UPLOADED);
    });

    it('fit the values of before, which were hashed with the contact, and bind them to the person', async () => {
      const receiverId = await givenConfirmed(413);
      const value = {
        pepper: server.platform.settings.VERIFICATION_PEPPER,
        tenantId: tenant.id,
        field: 'DATE_OF_BIRTH',
        value: '1990-01-30',
      } as const;
      await server.sql(
        `UPDATE receivers.verifications SET value_hmac = $2, bound_to = 'CONTACT' WHERE receiver_id = $1`,
        [receiverId, hashWithContact(value, phone(413))],
      );
      const id = await disbursement();
      expect((await upload(id, byPhone(413, '1990-01-31'))).status).toBe(400);
      expect((await upload(id, byPhone(413, '1990-01-30'))).body).toEqual(UPLOADED);
      const row = await server.sql(
        'SELECT bound_to, confirmed_at IS NOT NULL AS confirmed FROM receivers.verifications WHERE receiver_id = $1',
        [receiverId],
      );
      expect(row).toEqual([{ bound_to: 'RECEIVER', confirmed: true }]);
      const mail = await upload(await disbursement({ contactType: 'EMAIL' }), byMail(413, '1990-01-30'));
      expect(mail.body).toEqual(UPLOADED);
    });
  });
});
