import { openUploadWorld, phone, UPLOADED, type UploadWorld } from '../testing/upload-world';

describe('files of people who are known already', () => {
  let server: UploadWorld['server'];
  let disbursement: UploadWorld['disbursement'];
  let upload: UploadWorld['upload'];
  let read: UploadWorld['read'];
  let payments: UploadWorld['payments'];

  beforeAll(async () => {
    ({ server, disbursement, upload, read, payments } = await openUploadWorld());
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
});
