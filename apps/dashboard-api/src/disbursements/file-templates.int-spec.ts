import { DisbursementWorld, type FileKind } from '../testing/disbursement-world';
import { TestServer } from '../testing/test-server';

const ADDRESS = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';
const CELLS: Readonly<Record<string, string>> = {
  phone: '+12025550177',
  email: 'ann@people.example',
  id: 'P-1',
  amount: '10',
  verification: '1990-01-30',
  paymentID: 'PAY-1',
  walletAddress: ADDRESS,
  walletAddressMemo: '',
};

describe('the templates of files', () => {
  let server: TestServer;
  let world: DisbursementWorld;
  beforeAll(async () => {
    server = await TestServer.start();
    world = await DisbursementWorld.make(server, 'acme');
  });
  afterAll(() => server.stop());

  it.each<[FileKind, string]>([
    [
      { registration_contact_type: 'PHONE_NUMBER', verification_field: 'DATE_OF_BIRTH' },
      'phone,id,amount,verification,paymentID',
    ],
    [
      { registration_contact_type: 'EMAIL', verification_field: 'DATE_OF_BIRTH' },
      'email,id,amount,verification,paymentID',
    ],
    [
      { registration_contact_type: 'PHONE_NUMBER_AND_WALLET_ADDRESS' },
      'phone,id,amount,walletAddress,paymentID,walletAddressMemo',
    ],
    [
      { registration_contact_type: 'EMAIL_AND_WALLET_ADDRESS' },
      'email,id,amount,walletAddress,paymentID,walletAddressMemo',
    ],
  ])('are files of their kind once they are filled in: %p', async (kind, header) => {
    const type = kind.registration_contact_type;
    const reply = await world.call('GET', `/registration-contact-types/${type}/template`);
    expect([reply.status, reply.text]).toEqual([200, `${header}\n`]);
    expect(reply.headers.get('content-disposition')).toContain(
      `${type.toLowerCase().replaceAll('_', '-')}.csv`,
    );
    const id = await world.create(kind);
    expect((await world.upload(id, reply.text)).body).toEqual({
      error: 'could not parse csv file',
      extras: { instructions: 'no valid instructions found' },
    });
    const own = await DisbursementWorld.make(server, type.toLowerCase().replaceAll('_', '-'));
    const row = header.split(',').map((column) => CELLS[column]);
    const filled = `${reply.text}${row.join(',')}\n`;
    expect((await own.upload(await own.create(kind), filled)).status).toBe(200);
  });

  it('have no column for a verification that is not asked for', async () => {
    const reply = await world.call('GET', '/registration-contact-types/EMAIL/template?verification_field=');
    expect(reply.text).toBe('email,id,amount,paymentID\n');
  });

  it('are told from what there is none of', async () => {
    expect((await world.call('GET', '/registration-contact-types/PIGEON/template')).status).toBe(404);
    const wrong = await world.call(
      'GET',
      '/registration-contact-types/EMAIL/template?verification_field=SHOE',
    );
    expect(wrong.status).toBe(400);
  });
});
