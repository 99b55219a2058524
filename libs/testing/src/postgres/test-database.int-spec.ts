import { APP_NAMES } from '@libs/persistence';
import { Client } from 'pg';

import { testDatabase } from './test-database';

describe('a database of a test', () => {
  it('is migrated, and every app may enter it with its own role and no more', async () => {
    const database = await testDatabase();
    try {
      for (const app of APP_NAMES) {
        const [row] = await rowsOf(
          database.url(app),
          'SELECT current_user::text AS role, current_database() AS name',
        );
        expect(row).toMatchObject({ name: database.name });
        await expect(rowsOf(database.url(app), 'SELECT current_tenant()')).rejects.toThrow('no tenant');
        await expect(rowsOf(database.url(app), 'CREATE TABLE public.mine (id int)')).rejects.toThrow(
          'permission denied',
        );
      }
    } finally {
      await database.drop();
    }
  });

  it('is not seen by another test', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
    try {
      await rowsOf(one.ownerUrl, 'CREATE TABLE mine (id int)');
      await expect(rowsOf(other.superuserUrl, 'SELECT * FROM mine')).rejects.toThrow('does not exist');
    } finally {
      await Promise.all([one.drop(), other.drop()]);
    }
  });

  it('is gone after its drop, even when somebody is still connected', async () => {
    const database = await testDatabase({ migrations: [] });
    const client = new Client({ connectionString: database.superuserUrl });
    client.on('error', () => undefined);
    await client.connect();
    await database.drop();
    await expect(rowsOf(database.superuserUrl, 'SELECT 1')).rejects.toThrow('does not exist');
    await client.end();
  });

  it('waits for those who are about to leave, so that nobody is cut off on the way out', async () => {
    const database = await testDatabase({ migrations: [] });
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    const last = client.query('SELECT pg_sleep(0.3)').then(() => client.end());
    await Promise.all([database.drop(), expect(last).resolves.toBeUndefined()]);
  });
});

async function rowsOf(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
