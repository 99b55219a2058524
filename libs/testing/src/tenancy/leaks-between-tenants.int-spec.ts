import { type Migration, schemaFor, tenantTable } from '@libs/persistence';
import { foundationMigrations } from '@libs/persistence';
import type { QueryRunner } from 'typeorm';

import { testDatabase, type TestDatabase } from '../postgres/test-database';
import { leaksBetweenTenants } from './leaks-between-tenants';
import { twoTenantSuite } from './two-tenants.contract';

const table = (name: string): string =>
  `CREATE TABLE toys.${name} (tenant_id uuid NOT NULL, id uuid NOT NULL DEFAULT gen_random_uuid(), PRIMARY KEY (tenant_id, id))`;
const GRANTS = { messaging: 'select, insert, update, delete' };

class Toys1763700900000 {
  readonly name = 'Toys1763700900000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [
      ...schemaFor('toys'),
      table('safe'),
      ...tenantTable('toys.safe', GRANTS),
      table('forgotten'),
      `GRANT ${GRANTS.messaging} ON toys.forgotten TO distributary_messaging`,
      table('readable'),
      ...tenantTable('toys.readable', GRANTS),
      `CREATE POLICY too_wide ON toys.readable FOR SELECT TO distributary_messaging USING (true)`,
      table('writable'),
      ...tenantTable('toys.writable', GRANTS),
      `CREATE POLICY too_wide ON toys.writable FOR INSERT TO distributary_messaging WITH CHECK (true)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA toys CASCADE');
  }
}

const migrations: readonly Migration[] = [...foundationMigrations, Toys1763700900000];

const suiteOf = (name: string): Parameters<typeof leaksBetweenTenants>[1] => ({
  app: 'messaging',
  tables: [`toys.${name}`],
  given: async (tx, tenantId) => {
    await tx.query(`INSERT INTO toys.${name} (tenant_id) VALUES ($1)`, [tenantId]);
  },
});

twoTenantSuite('rows behind the policy of tenantTable', suiteOf('safe'), { migrations });

describe('the suite of two organisations', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase({ migrations });
  });
  afterAll(async () => {
    await database.drop();
  });

  it('finds a table that has no policy at all', async () => {
    expect(await leaksBetweenTenants(database, suiteOf('forgotten'))).toEqual([
      'toys.forgotten: is read before an organisation is named',
      'toys.forgotten: shows rows of the other organisation',
      'toys.forgotten: changes rows of the other organisation',
      'toys.forgotten: removes rows of the other organisation',
      'toys.forgotten: gives rows away to the other organisation',
      'toys.forgotten: writes rows in the name of the other organisation',
    ]);
  });

  it('finds a policy that shows too much', async () => {
    expect(await leaksBetweenTenants(database, suiteOf('readable'))).toContain(
      'toys.readable: shows rows of the other organisation',
    );
  });

  it('finds a policy that lets rows in under a foreign name', async () => {
    expect(await leaksBetweenTenants(database, suiteOf('writable'))).toContain(
      'toys.writable: writes rows in the name of the other organisation',
    );
  });

  it('finds a test that wrote nothing', async () => {
    const empty = { ...suiteOf('safe'), given: (): Promise<void> => Promise.resolve() };
    expect(await leaksBetweenTenants(database, empty)).toEqual([
      'toys.safe: the test has written no row for both organisations',
    ]);
  });
});
