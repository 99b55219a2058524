import { testDatabase, type TestDatabase, type TestDatabaseOptions } from '../postgres/test-database';
import { leaksBetweenTenants, type TwoTenants } from './leaks-between-tenants';

/** The suite that every library with tables of tenants runs: nothing leaks from one organisation to another. */
export function twoTenantSuite(title: string, suite: TwoTenants, options: TestDatabaseOptions = {}): void {
  describe(`${title} of two organisations`, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await testDatabase(options);
    });
    afterAll(async () => {
      await database.drop();
    });

    it('stay apart, whatever the app tries as its own role', async () => {
      expect(await leaksBetweenTenants(database, suite)).toEqual([]);
    });
  });
}
