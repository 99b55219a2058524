import { type TestDatabase, testDatabase } from '@libs/testing';

import { Database } from './database';

describe('the pool of an app', () => {
  let testing: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    testing = await testDatabase();
    database = new Database({ url: testing.url('messaging'), applicationName: 'test', connectionsMax: 1 });
  });
  afterAll(async () => {
    await database.close();
    await testing.drop();
  });

  it('tells how many wait for a connection and for how long, and nothing of those who have one', async () => {
    const first = await database.connect();
    expect(database.waiting).toMatchObject({ length: 0, longestMs: 0 });
    const others = [database.connect(), database.query({ text: 'SELECT 1' })];
    expect(database.waiting.length).toBe(2);
    const before = database.waiting.longestMs;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(database.waiting.longestMs - before).toBeGreaterThan(15);
    first.release();
    const second = await others[0];
    expect(database.waiting.length).toBe(1);
    if (second !== undefined && 'release' in second) second.release();
    await others[1];
    expect(database.waiting).toMatchObject({ length: 0, longestMs: 0 });
  });
});
