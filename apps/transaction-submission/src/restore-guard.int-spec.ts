import { Client } from 'pg';

import { turn } from './testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from './testing/run-engine';

describe('after the database was restored from a backup', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 3 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  const asSuperuser = async (...statements: string[]): Promise<void> => {
    const client = new Client({ connectionString: scene.world.testDb.superuserUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  /** What a restore leaves: another timeline than the tables remember. */
  const ANOTHER_TIMELINE = 'UPDATE submissions.database_identity SET timeline = timeline + 1';

  it('nothing is signed until every forgotten attempt has had its time', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, 1));
    const process = await runUntilDone(scene);
    await asSuperuser(ANOTHER_TIMELINE);
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    for (let ledgers = 0; ledgers < 5; ledgers += 1) {
      fake.closeLedger(20);
      await turn(process);
    }
    expect(await world.statuses()).toEqual({ SUCCESS: 1, QUEUED: 2 });
    expect(process.engine.problems()).toEqual([expect.stringContaining('is being compared with the ledger')]);
    fake.closeLedger(60);
    await runUntilDone(scene, { next: () => process });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(process.engine.problems()).toEqual([]);
  });

  it('nothing is signed while the ledger shows a payment that the database has forgotten', async () => {
    const { world, fake } = scene;
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await runUntilDone(scene);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    // The backup was taken after the payments were queued and before they were signed.
    await asSuperuser(
      'DELETE FROM submissions.attempt_submissions',
      'DELETE FROM submissions.envelopes',
      'DELETE FROM submissions.attempts',
      `UPDATE submissions.submissions SET status = 'QUEUED', attempt_id = NULL`,
      'UPDATE submissions.channel_accounts SET sequence = sequence - 1 WHERE sequence > (SELECT min(sequence) FROM submissions.channel_accounts)',
      ANOTHER_TIMELINE,
    );
    const process = world.process();
    for (let ledgers = 0; ledgers < 12; ledgers += 1) {
      await turn(process);
      fake.closeLedger(30);
    }
    expect(await world.statuses()).toEqual({ QUEUED: 2 });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
  });
});
