import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { overtake } from '../testing/overtake';
import { person } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const REFUSED = { status: 401, body: { error: 'Not authorized.' } };

/** Who calls is asked before the ledger is read, which may take as long as its servers have, and again behind that. */
describe('money that somebody lets go who is switched off while the ledger is read', () => {
  let server: TestServer;
  let own: DisbursementWorld;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  beforeEach(async () => {
    own = await fundedWorld(server);
  });
  afterAll(() => server.stop());

  /** As a financial controller, who is switched off between the guard and the commit. */
  async function lateCall(method: string, path: string, json?: unknown): Promise<Reply> {
    const { id, email } = await server.user(own.tenant, 'financial_controller');
    const token = await server.login(own.tenant, email);
    overtake(server.ledger.reader, 'account', async () => {
      await own.call('PATCH', '/users/activation', { user_id: id, is_active: false });
    });
    return await server.call(method, path, { token, ...(json === undefined ? {} : { json }) });
  }
  const order = async (): Promise<object> => ({
    amount: '10',
    asset: { id: own.assetId },
    receiver: { id: (await person(own, 'READY')).id },
    wallet: { id: own.walletId },
  });
  const statuses = async (): Promise<unknown[]> =>
    (await server.sql('SELECT status FROM disbursements.payments WHERE tenant_id = $1', [own.tenant.id])).map(
      ({ status }) => status,
    );

  it('is not started', async () => {
    const id = await own.ready(1);
    const reply = await lateCall('PATCH', `/disbursements/${id}/status`, { status: 'STARTED' });
    expect(reply).toMatchObject(REFUSED);
    expect([await own.promised(), await statuses()]).toEqual([0n, ['DRAFT']]);
  });

  it('is not retried', async () => {
    const { payments } = await own.failed(1);
    expect(await lateCall('PATCH', '/payments/retry', { payment_ids: payments })).toMatchObject(REFUSED);
    expect([await own.promised(), await statuses()]).toEqual([0n, ['FAILED']]);
  });

  it('is not paid directly', async () => {
    expect(await lateCall('POST', '/payments', await order())).toMatchObject(REFUSED);
    expect([await own.promised(), await statuses()]).toEqual([0n, []]);
  });

  it('is not approved', async () => {
    const approval = 'UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1';
    await server.sql(approval, [own.tenant.id]);
    const id = idOf(await own.call('POST', '/payments', await order()));
    expect(await lateCall('POST', `/payments/${id}/approval`)).toMatchObject(REFUSED);
    expect([await own.promised(), await statuses()]).toEqual([0n, ['DRAFT']]);
  });
});
