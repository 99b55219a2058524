import { paymentReadyToPayV1 } from '@libs/contracts';

import { CoreWorld } from '../testing/given-disbursement';

describe('a direct payment', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  afterAll(async () => {
    await world.close();
  });

  it('is handed over once its receiver wallet is registered, whatever its organisation disburses', async () => {
    const given = await world.givenStarted([{ amount: 10_000_000n, registered: true }]);
    const [payment] = given.payments;
    await world.superuser.query(
      `UPDATE disbursements.payments SET type = 'DIRECT', disbursement_id = NULL, status = 'READY' WHERE id = $1`,
      [payment?.id],
    );
    await world.superuser.query(`DELETE FROM disbursements.work_items WHERE tenant_id = $1`, [
      given.tenantId,
    ]);
    await world.sweep();
    await world.until(given.tenantId, 'PENDING', 1);
    expect(await world.published(paymentReadyToPayV1, given.tenantId)).toMatchObject([
      {
        type: 'payment-direct-payment',
        key: payment?.id,
        data: { disbursement_id: null, payments: [{ id: payment?.id, dispatch: 1 }] },
      },
    ]);
  });
});
