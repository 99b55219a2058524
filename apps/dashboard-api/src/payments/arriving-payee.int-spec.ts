import { newId } from '@libs/kernel';

import { fundedWorld } from '../testing/funds';
import { TestServer } from '../testing/test-server';

describe('a direct payment to somebody whose wallet a file brings that is not published yet', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  it('goes to that wallet, which is there for everybody from then on', async () => {
    const own = await fundedWorld(server);
    const added = await own.call('POST', '/receivers', {
      phone_number: '+254711111112',
      external_id: 'P-1',
      verifications: [{ type: 'PIN', value: '1234' }],
    });
    const id = String(Reflect.get(Object(added.body), 'id'));
    const [upload, receiverWallet] = [newId(), newId()];
    await server.sql(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people)
       VALUES ($1, $2, $2, 'test', 'PUBLISHING', true)`,
      [own.tenant.id, upload],
    );
    await server.sql(
      `INSERT INTO receivers.receiver_wallets (tenant_id, id, receiver_id, wallet_id, status, brought_by)
       VALUES ($1, $2, $3, $4, 'DRAFT', $5)`,
      [own.tenant.id, receiverWallet, id, own.walletId, upload],
    );
    expect((await own.call('GET', `/receivers/${id}`)).body).toMatchObject({ wallets: [] });
    const paid = await own.call('POST', '/payments', {
      amount: '5',
      asset: { id: own.assetId },
      receiver: { id },
      wallet: { id: own.walletId },
    });
    expect(paid).toMatchObject({
      status: 201,
      body: { status: 'READY', receiver_wallet: { id: receiverWallet, status: 'READY' } },
    });
    expect((await own.call('GET', `/receivers/${id}`)).body).toMatchObject({
      wallets: [{ id: receiverWallet, status: 'READY' }],
    });
  });
});
