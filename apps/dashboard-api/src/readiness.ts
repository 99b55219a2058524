import type { Database } from '@libs/persistence';

/** Whether PostgreSQL answers. */
export async function databaseAnswers(database: Database): Promise<boolean> {
  await database.pool.query('SELECT 1');
  return true;
}

/** Why this process cannot serve now; none when it can. */
export async function reasonsNotToServe(database: Database): Promise<readonly string[]> {
  return (await databaseAnswers(database).catch(() => false)) ? [] : ['the database does not answer'];
}
