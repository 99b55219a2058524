import { UnitOfWork } from '@libs/persistence';
import { lockForSigning } from '@libs/submissions';
import { testDatabase } from '@libs/testing';
import { newId } from '@libs/kernel';

import { asTenant } from './engine-context';
import { openSubmissionDatabase } from './submission-database';

/** How a silence in the middle of a database transaction ends is tested with the connection itself. */
describe('the connections of an instance', () => {
  it('let go of what a frozen process has locked, in seconds, and sooner what it signs under', async () => {
    const testing = await testDatabase();
    const database = openSubmissionDatabase({
      ...{ url: testing.url('transactionSubmission'), applicationName: 'test', connectionsMax: 1 },
    });
    const uow = new UnitOfWork(database);
    const setting = 'SHOW idle_in_transaction_session_timeout';
    const shown = (seconds: number): object[] => [
      { idle_in_transaction_session_timeout: `${String(seconds)}s` },
    ];
    const signing = uow.run(asTenant(newId()), async (tx) => {
      await lockForSigning(tx);
      return await tx.query(setting);
    });
    expect(await signing).toEqual(shown(5));
    expect(await uow.runSystem('a heartbeat, for the test', (tx) => tx.query(setting))).toEqual(shown(10));
    await database.close();
    await testing.drop();
  });
});
