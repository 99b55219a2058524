import { CoreWorld, type Given } from '../testing/given-disbursement';

describe('one step of the work on a disbursement', () => {
  let world: CoreWorld;
  let given: Given;

  beforeAll(async () => {
    world = await CoreWorld.open();
    given = await world.givenStarted([{ amount: 10_000_000n, registered: false }]);
  });
  afterAll(() => world.close());

  /** How its commit goes to the disk: on waits for it, as everywhere but on the server of the tests. */
  const commitOfNextStep = async (): Promise<unknown> =>
    await world.run(given.tenantId, async (tx) => {
      await tx.execute('SET LOCAL synchronous_commit = on');
      await world.step.take(tx, null);
      return (await tx.queryOne(`SELECT current_setting('synchronous_commit') AS commits`))?.['commits'];
    });

  const steps = async (): Promise<unknown[]> => [await commitOfNextStep(), await commitOfNextStep()];

  const turnTo = async (move: 'pause' | 'resume'): Promise<void> => {
    const { tenantId, disbursementId } = given;
    await world.run(tenantId, async (tx) => {
      const version = (await world.disbursements.moveToGoal(tx, move, disbursementId)) ?? 0;
      await world.workItems.put(tx, { disbursementId, goal: move, version });
    });
  };

  it('waits for the disk where the work ends, and not where a chunk moves, which is moved again if it is lost', async () => {
    expect(await steps()).toEqual(['off', 'on']);
    expect(await world.statuses(given)).toEqual(['READY']);
    await turnTo('pause');
    expect(await steps()).toEqual(['off', 'on']);
    expect(await world.statuses(given)).toEqual(['PAUSED']);
    await turnTo('resume');
    expect(await steps()).toEqual(['off', 'on']);
    expect(await world.statuses(given)).toEqual(['READY']);
  });

  /** Takes a step that has to wait for what somebody else writes of the first two payments or wallets, and has not committed. */
  async function stepBeside(write: string): Promise<Given> {
    const people = Array.from({ length: 3 }, () => ({ amount: 10_000_000n, registered: false }));
    const own = await world.givenStarted(people);
    const written = own.payments.slice(0, 2);
    await world.superuser.query('BEGIN');
    await world.superuser.query(write, [
      own.tenantId,
      written.flatMap(({ id, receiverWalletId }) => [id, receiverWalletId]),
    ]);
    const step = world.run(own.tenantId, (tx) => world.step.take(tx, null));
    await world.someoneWaitsForSuperuser();
    await world.superuser.query('COMMIT');
    expect(await step).toMatchObject({ more: true, released: true });
    return own;
  }

  const rowsOf = async ({ disbursementId }: Given): Promise<unknown[]> =>
    await world.rows(
      `SELECT p.status, p.wallet_registered AS listed, w.status AS wallet, w.invited_at IS NOT NULL AS written
         FROM disbursements.payments p JOIN receivers.receiver_wallets w ON w.id = p.receiver_wallet_id
        WHERE p.disbursement_id = $1 ORDER BY listed, written`,
      [disbursementId],
    );

  it('moves payments too that somebody else writes in that moment, and keeps what they wrote', async () => {
    const own = await stepBeside(
      'UPDATE disbursements.payments SET wallet_registered = true WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    );
    const moved = { status: 'READY', listed: true, wallet: 'READY', written: false };
    expect(await rowsOf(own)).toEqual([{ ...moved, listed: false }, moved, moved]);
  });

  it('invites people too of whom somebody else writes in that moment, and keeps what they wrote', async () => {
    const own = await stepBeside(
      'UPDATE receivers.receiver_wallets SET invited_at = now() WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    );
    const moved = { status: 'READY', listed: false, wallet: 'READY', written: true };
    expect(await rowsOf(own)).toEqual([{ ...moved, written: false }, moved, moved]);
  });
});
