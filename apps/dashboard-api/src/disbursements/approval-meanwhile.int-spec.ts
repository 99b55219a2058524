import { DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { overtake } from '../testing/overtake';
import { person } from '../testing/people';
import { TestServer } from '../testing/test-server';

/** The rule is asked before the ledger is read, which takes a while, and counts as it is behind that. */
describe.each([
  ['is_approval_required', true],
  ['second_approver_amount', 1],
])('money that its maker lets go while %s is set', (column, value) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const set = (own: DisbursementWorld, name: string, to: unknown): Promise<unknown> =>
    server.sql(`UPDATE tenants.organizations SET ${name} = $2 WHERE tenant_id = $1`, [own.tenant.id, to]);
  const setWhileTheLedgerIsRead = (own: DisbursementWorld): void => {
    overtake(server.ledger.reader, 'account', () => set(own, column, value));
  };
  const refused = (what: string): object => ({
    status: 403,
    body: { error: `${what} by its creator. Approval by another user is required.` },
  });
  const approvals = (): Promise<unknown> => server.sql('SELECT FROM disbursements.approvals');

  it('is not started', async () => {
    const own = await fundedWorld(server);
    const id = await own.ready(1);
    setWhileTheLedgerIsRead(own);
    expect(await own.setStatus(id, 'STARTED')).toMatchObject(refused("Disbursement can't be started"));
    expect([await own.promised(), await approvals()]).toEqual([0n, []]);
  });

  it('is not retried', async () => {
    const own = await fundedWorld(server);
    const { payments } = await own.failed(1);
    setWhileTheLedgerIsRead(own);
    const reply = await own.call('PATCH', '/payments/retry', { payment_ids: payments });
    expect(reply).toMatchObject(refused("Payment can't be retried"));
    expect([await own.promised(), await approvals()]).toEqual([0n, []]);
  });

  it('is not paid directly', async () => {
    const own = await fundedWorld(server);
    await set(own, 'is_approval_required', true);
    const { id: receiver } = await person(own, 'READY');
    const order = {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: receiver },
      wallet: { id: own.walletId },
    };
    const id = idOf(await own.call('POST', '/payments', order));
    await set(own, 'is_approval_required', false);
    setWhileTheLedgerIsRead(own);
    const reply = await own.call('POST', `/payments/${id}/approval`);
    expect(reply).toMatchObject(refused("Payment can't be approved"));
    expect([await own.promised(), await approvals()]).toEqual([0n, []]);
  });
});
