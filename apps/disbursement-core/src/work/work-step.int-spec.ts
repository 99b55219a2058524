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
});
