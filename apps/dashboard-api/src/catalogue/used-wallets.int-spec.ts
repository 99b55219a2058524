import { DirectPaymentsRepository } from '@libs/disbursements';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import { type DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { inTheMiddleOf } from '../testing/overtake';
import { person } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

const kept = (what: string): object => ({
  status: 400,
  body: { error: `wallet is used by ${what} and cannot be deleted` },
});
const BY_DISBURSEMENT = kept('a disbursement that is not completed');
const BY_DIRECT_PAYMENT = kept('a direct payment that awaits approval');

describe('a wallet provider with which everybody has registered', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  const remove = (own: DisbursementWorld): Promise<Reply> => own.call('DELETE', `/wallets/${own.walletId}`);
  const register = (own: DisbursementWorld): Promise<unknown> =>
    server.sql(
      `UPDATE receivers.receiver_wallets SET status = 'REGISTERED', stellar_address = $2 WHERE tenant_id = $1`,
      [own.tenant.id, accountAddressOf(randomBytes(32))],
    );

  async function needsApproval(): Promise<DisbursementWorld> {
    const own = await fundedWorld(server);
    await server.sql('UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1', [
      own.tenant.id,
    ]);
    return own;
  }
  async function pay(own: DisbursementWorld): Promise<Reply> {
    const { id: receiver } = await person(own);
    return await own.call('POST', '/payments', {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: receiver },
      wallet: { id: own.walletId },
    });
  }

  it('is kept for a disbursement until it is completed, so that what was paused goes on', async () => {
    const own = await fundedWorld(server);
    const id = await own.ready(2);
    await register(own);
    expect(await remove(own)).toMatchObject(BY_DISBURSEMENT);
    expect((await own.setStatus(id, 'STARTED')).status).toBe(200);
    await own.movePayments(id, 'release');
    expect(await remove(own)).toMatchObject(BY_DISBURSEMENT);
    expect((await own.setStatus(id, 'PAUSED')).status).toBe(200);
    expect(await remove(own)).toMatchObject(BY_DISBURSEMENT);
    expect((await own.setStatus(id, 'STARTED')).status).toBe(200);
    await server.sql(`UPDATE disbursements.disbursements SET status = 'COMPLETED' WHERE id = $1`, [id]);
    expect((await remove(own)).status).toBe(204);
  });

  it('is kept for a direct payment until it is approved', async () => {
    const own = await needsApproval();
    const payment = idOf(await pay(own));
    expect(await remove(own)).toMatchObject(BY_DIRECT_PAYMENT);
    const approved = await own.call('POST', `/payments/${payment}/approval`, undefined, 'approver');
    expect(approved.status).toBe(200);
    expect((await remove(own)).status).toBe(204);
  });

  it('is kept for a direct payment that is ordered in that moment', async () => {
    const own = await needsApproval();
    const removing = inTheMiddleOf(server, DirectPaymentsRepository.prototype, 'add', () => remove(own));
    expect((await pay(own)).status).toBe(201);
    expect(await removing).toMatchObject(BY_DIRECT_PAYMENT);
  });

  it('goes where only other providers are used, and other organisations', async () => {
    const [own, other] = [await fundedWorld(server), await fundedWorld(server)];
    await other.ready(1);
    await register(other);
    expect((await remove(own)).status).toBe(204);
  });
});
