import { type TestDatabase, testDatabase } from '@libs/testing';
import { Client } from 'pg';

import { DirectSession } from './direct-session';
import { Listener } from './listener';

const heardOnce = (): { wake: () => void; next: () => Promise<void> } => {
  let count = 0;
  let awaited = 0;
  let resolve: () => void = () => undefined;
  return {
    wake: () => {
      count += 1;
      resolve();
    },
    next: async () => {
      awaited += 1;
      while (count < awaited) await new Promise<void>((done) => (resolve = done));
    },
  };
};

describe('a connection of its own', () => {
  let testing: TestDatabase;
  let superuser: Client;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [] });
    superuser = new Client({ connectionString: testing.superuserUrl });
    await superuser.connect();
  });
  afterAll(async () => {
    await superuser.end();
    await testing.drop();
  });

  const cut = async (application: string): Promise<void> => {
    await superuser.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1',
      [application],
    );
  };

  it('hears notifications, and again after it was cut, when it wakes its owner because some may have been missed', async () => {
    const { wake, next } = heardOnce();
    const listener = new Listener({
      url: testing.superuserUrl,
      applicationName: 'ears',
      channels: ['news'],
      wake,
    });
    listener.start();
    await next();
    await superuser.query('NOTIFY news');
    await next();
    await cut('ears');
    await next();
    await superuser.query('NOTIFY news');
    await next();
    await listener.stop();
  });

  it('knows at once that it was cut, and that its locks are gone with it', async () => {
    const options = {
      url: testing.superuserUrl,
      applicationName: 'locks',
      channels: [],
      notified: () => undefined,
    };
    const session = await DirectSession.open(options);
    await session.query('SELECT pg_advisory_lock(1)');
    expect(session.isAlive()).toBe(true);
    const lost = new Promise((resolve) => session.lost.addEventListener('abort', resolve));
    await cut('locks');
    await lost;
    expect(session.isAlive()).toBe(false);
    await expect(session.query('SELECT 1')).rejects.toThrow();
    const other = await DirectSession.open(options);
    expect(await other.query('SELECT pg_try_advisory_lock(1) AS got')).toEqual([{ got: true }]);
    other.close();
  });

  it('asks the server to end it when its process says nothing for eight seconds', async () => {
    const options = {
      url: testing.superuserUrl,
      applicationName: 'patience',
      channels: [],
      notified: () => undefined,
    };
    const session = await DirectSession.open(options);
    expect(await session.query('SHOW idle_session_timeout')).toEqual([{ idle_session_timeout: '8s' }]);
    session.close();
  });

  it('does not open where nobody listens', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/none';
    const opening = DirectSession.open({
      url,
      applicationName: 'x',
      channels: [],
      notified: () => undefined,
    });
    await expect(opening).rejects.toThrow('ECONNREFUSED');
  });
});
