import { receiverWalletNewInvitationV1 } from '@libs/contracts';
import { newId } from '@libs/kernel';

import { CoreWorld, type Given } from '../testing/given-disbursement';

/** They are registered by five hundred. */
const MANY = 700;
const UNREGISTERED = { amount: 10_000_000n, registered: false };

describe('the start of a disbursement whose file brought addresses that are not registered yet', () => {
  let world: CoreWorld;

  beforeAll(async () => {
    world = await CoreWorld.open();
  });
  afterAll(() => world.close());

  /** All but the last of them got an address by the file. */
  async function givenArrived(people: number): Promise<Given> {
    const given = await world.givenStarted(Array.from({ length: people }, () => UNREGISTERED));
    const { tenantId, disbursementId, payments } = given;
    const uploadId = newId();
    await world.superuser.query(
      `INSERT INTO disbursements.upload_jobs (tenant_id, disbursement_id, id, started_by, state, brought_people)
       VALUES ($1, $2, $3, 'user:uploader', 'PUBLISHED', true)`,
      [tenantId, disbursementId, uploadId],
    );
    await world.superuser.query(
      'UPDATE disbursements.disbursements SET current_upload_id = $2 WHERE id = $1',
      [disbursementId, uploadId],
    );
    await world.superuser.query(
      `INSERT INTO receivers.arriving_addresses (tenant_id, upload_id, receiver_wallet_id, stellar_address)
       SELECT $1, $2, id, 'G' || left(translate(upper(encode(sha256(id::text::bytea), 'hex')), '0189', 'GHIJ'), 55)
         FROM unnest($3::uuid[]) AS id`,
      [tenantId, uploadId, payments.slice(0, -1).map(({ receiverWalletId }) => receiverWalletId)],
    );
    return given;
  }

  const invited = async ({ tenantId }: Given): Promise<readonly string[]> =>
    (await world.published(receiverWalletNewInvitationV1, tenantId)).flatMap(
      ({ data }) => data.receiver_wallet_ids,
    );
  const registered = async ({ tenantId }: Given): Promise<unknown> =>
    (
      await world.rows(
        `SELECT count(*)::int AS wallets, count(DISTINCT stellar_address)::int AS addresses,
                min(status_history -> -1 ->> 'actor') AS by
           FROM receivers.receiver_wallets WHERE tenant_id = $1 AND status = 'REGISTERED'`,
        [tenantId],
      )
    )[0];

  it('registers these, some at a time, before it releases their payments, which are paid at once', async () => {
    const given = await givenArrived(MANY);
    const first = await world.run(given.tenantId, (tx) => world.step.take(tx, null));
    expect(first).toEqual({ more: true, released: false, reached: null });
    expect(await registered(given)).toMatchObject({ wallets: 500 });
    await world.drain.run();
    await world.until(given.tenantId, 'PENDING', MANY - 1);
    expect(await registered(given)).toEqual({
      wallets: MANY - 1,
      addresses: MANY - 1,
      by: 'user:uploader',
    });
    expect(await invited(given)).toEqual([given.payments.at(-1)?.receiverWalletId]);
    await world.assertCountersTrue(given);
  });

  it('registers them after a pause as well that came before any was released', async () => {
    const given = await givenArrived(3);
    const { tenantId, disbursementId } = given;
    const turn = (move: 'pause' | 'resume'): Promise<void> =>
      world.run(tenantId, async (tx) => {
        const version = (await world.disbursements.moveToGoal(tx, move, disbursementId)) ?? 0;
        await world.workItems.put(tx, { disbursementId, goal: move, version });
      });
    await turn('pause');
    const paused = await world.run(tenantId, (tx) => world.step.take(tx, null));
    await turn('resume');
    const resumed = await world.run(tenantId, (tx) => world.step.take(tx, { ...PAUSED, disbursementId }));
    expect([paused.more, resumed.released, await registered(given)]).toMatchObject([
      true,
      false,
      { wallets: 2 },
    ]);
    await world.drain.run();
    await world.until(tenantId, 'PENDING', 2);
  });
});

/** What the step of a pause leaves to the next one. */
const PAUSED = { goal: 'pause', version: 2, move: 'pause', last: '', trace: '' } as const;
