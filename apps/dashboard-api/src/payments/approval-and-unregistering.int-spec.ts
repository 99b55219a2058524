import { PaymentMoves } from '@libs/disbursements';
import { ReceiverAddresses } from '@libs/receivers';

import { type DisbursementWorld, idOf } from '../testing/disbursement-world';
import { fundedWorld } from '../testing/funds';
import { inTheMiddleOf } from '../testing/overtake';
import { person } from '../testing/people';
import { type Reply, TestServer } from '../testing/test-server';

describe('a direct payment that is approved while its receiver is unregistered', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
  });
  afterAll(() => server.stop());

  interface Scene {
    readonly own: DisbursementWorld;
    readonly payment: string;
    readonly approve: () => Promise<Reply>;
    readonly unregister: () => Promise<Reply>;
  }

  /** A payment to somebody who is registered, before its approval. */
  async function scene(): Promise<Scene> {
    const own = await fundedWorld(server);
    await server.sql('UPDATE tenants.organizations SET is_approval_required = true WHERE tenant_id = $1', [
      own.tenant.id,
    ]);
    const { id: receiver, receiverWalletId } = await person(own);
    const order = {
      amount: '10',
      asset: { id: own.assetId },
      receiver: { id: receiver },
      wallet: { id: own.walletId },
    };
    const payment = idOf(await own.call('POST', '/payments', order));
    await own.token('approver');
    return {
      own,
      payment,
      approve: () => own.call('POST', `/payments/${payment}/approval`, undefined, 'approver'),
      unregister: () =>
        own.call('PATCH', `/receivers/wallets/${receiverWalletId}/status`, { status: 'READY' }),
    };
  }

  it('invites them again when the unregistering was first', async () => {
    const { own, payment, approve, unregister } = await scene();
    const approving = inTheMiddleOf(server, ReceiverAddresses.prototype, 'unregister', approve);
    expect([(await unregister()).status, (await approving).status]).toEqual([200, 200]);
    expect(await own.payment(payment)).toMatchObject({
      status: 'READY',
      receiver_wallet: { status: 'READY' },
    });
    expect((await own.events()).map(({ type }) => type)).toContain('batch-receiver-wallet-sms-invitation');
  });

  it('keeps them registered when the approval was first', async () => {
    const { own, payment, approve, unregister } = await scene();
    const unregistering = inTheMiddleOf(server, PaymentMoves.prototype, 'move', unregister);
    expect((await approve()).status).toBe(200);
    expect(await unregistering).toMatchObject({
      status: 400,
      body: { error: 'wallet has payments in progress' },
    });
    expect(await own.payment(payment)).toMatchObject({
      status: 'READY',
      receiver_wallet: { status: 'REGISTERED' },
    });
  });
});
