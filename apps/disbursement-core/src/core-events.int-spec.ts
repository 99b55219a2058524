import { type EventContract, paymentCompletedV1, receiverWalletRegisteredV1 } from '@libs/contracts';
import { type EventToPublish, Outbox } from '@libs/eventing';
import { newId } from '@libs/kernel';

import { OnReceiverWalletRegisteredHandler } from './dispatch/on-receiver-wallet-registered.handler';
import { ACCOUNT, CoreWorld, type Given } from './testing/given-disbursement';

const TEN = 10;
/** Where the one that fails stands. */
const SEVENTH = 6;
const PATIENCE_MS = 50_000;
const LOOK_EVERY_MS = 20;
const REGISTERED = { amount: 10_000_000n, registered: true };

describe('small events that come in masses', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  afterAll(() => world.close());

  const publish = <C extends EventContract>(
    tenantId: string,
    contract: C,
    events: readonly EventToPublish<C>[],
  ): Promise<void> => world.run(tenantId, (tx) => new Outbox().publishAll(tx, contract, events));

  const lettersOf = async (tenantId: string): Promise<readonly string[]> => {
    const letters = await world.rows<{ reason: string }>(
      `SELECT reason FROM eventing.dead_letters WHERE tenant_id = $1`,
      [tenantId],
    );
    return letters.map(({ reason }) => reason);
  };

  const eventually = async (isSo: () => Promise<boolean>): Promise<void> => {
    const end = performance.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error('it did not happen in time');
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };

  const untilParked = (tenantId: string): Promise<void> =>
    eventually(async () => (await lettersOf(tenantId)).length > 0);

  /** How many database transactions the last changes of its payments came from. */
  const transactionsOf = async ({ tenantId }: Given, status: string): Promise<number> => {
    const rows = await world.rows(
      `SELECT DISTINCT xmin::text FROM disbursements.payments WHERE tenant_id = $1 AND status = $2`,
      [tenantId, status],
    );
    return rows.length;
  };

  it('settles nine payments whose outcomes come each by itself, and parks the outcome of one that nobody knows', async () => {
    const given = await world.givenStarted(Array.from({ length: TEN }, () => REGISTERED));
    const { tenantId, disbursementId, payments } = given;
    await world.drain.run();
    await world.until(tenantId, 'PENDING', TEN);
    await publish(
      tenantId,
      paymentCompletedV1,
      payments.map(({ id }, index) => ({
        type: 'payment-completed-success' as const,
        key: 'one partition',
        data: {
          disbursement_id: disbursementId,
          ledger_transaction: {
            hash: 'a'.repeat(64),
            ledger: 77,
            closed_at: '2026-01-01T00:00:00.000Z',
            source_account: ACCOUNT,
          },
          payments: [
            {
              id: index === SEVENTH ? newId() : id,
              dispatch: 1,
              outcome: 'SUCCESS' as const,
              amount_paid: '1.0000000',
              operation_id: String(index),
              reason_code: null,
            },
          ],
        },
      })),
    );
    await world.consumeUntil(world.completed, async () => {
      await world.until(tenantId, 'SUCCESS', TEN - 1);
      await untilParked(tenantId);
    });
    expect(await lettersOf(tenantId)).toEqual(['no such payment of this tenant']);
    expect((await world.statuses(given)).filter((status) => status === 'PENDING')).toHaveLength(1);
    expect(await transactionsOf(given, 'SUCCESS')).toBeLessThan(TEN - 1);
    await world.assertCountersTrue(given);
  });

  it('lists the payments of nine people who have just registered, and parks the registration of one that fails', async () => {
    const given = await world.givenStarted(Array.from({ length: TEN }, () => REGISTERED));
    const { tenantId, payments } = given;
    const faulty = payments[SEVENTH]?.id ?? '';
    await world.superuser.query(
      `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$`,
    );
    await world.superuser.query(
      `CREATE TRIGGER refuse BEFORE UPDATE ON disbursements.payments
         FOR EACH ROW WHEN (NEW.id = '${faulty}' AND NEW.wallet_registered) EXECUTE FUNCTION public.refuse()`,
    );
    await publish(
      tenantId,
      receiverWalletRegisteredV1,
      payments.map(({ receiverWalletId }) => ({
        type: 'receiver-wallet-registered' as const,
        key: 'one partition',
        data: { receiver_wallet_id: receiverWalletId },
      })),
    );
    await world.consumeUntil(new OnReceiverWalletRegisteredHandler(world.queue, world.payable), async () => {
      await eventually(async () => {
        const rows = await world.rows(
          `SELECT FROM disbursements.payments WHERE tenant_id = $1 AND wallet_registered`,
          [tenantId],
        );
        return rows.length === TEN - 1;
      });
      await untilParked(tenantId);
    });
    const listed = await world.rows<{ id: string }>(
      `SELECT id FROM disbursements.payments WHERE tenant_id = $1 AND NOT wallet_registered`,
      [tenantId],
    );
    expect(listed).toEqual([{ id: faulty }]);
    expect(await lettersOf(tenantId)).toEqual(['failed 1 time: not this one']);
    expect(await transactionsOf(given, 'DRAFT')).toBeLessThan(TEN);
  });
});
