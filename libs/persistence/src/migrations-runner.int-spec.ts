import { testDatabase } from '@libs/testing';

import { foundationMigrations } from './migrations/foundation.migration';
import { migrate } from './migrations-runner';

describe('two processes that migrate one database at once', () => {
  it('apply each migration once, and the second finds nothing to do', async () => {
    const database = await testDatabase({ migrations: [] });
    const options = { url: database.ownerUrl, migrations: foundationMigrations, passwords: {} };
    const applied = await Promise.all([migrate(options), migrate(options), migrate(options)]);
    expect(applied.flat()).toEqual(['Foundation1763700000000']);
    expect(await migrate(options)).toEqual([]);
    await database.drop();
  });
});
