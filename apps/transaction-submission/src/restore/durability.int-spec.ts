import { PUBLIC_NETWORK_PASSPHRASE, SettingsError } from '@libs/config';
import { type Logger, silentLogger } from '@libs/observability';
import { Database } from '@libs/persistence';
import { OwnServer } from '@libs/testing';

import { assertDurable } from './durability';

describe('what a commit survives', () => {
  let primary: OwnServer;
  let standby: OwnServer;

  beforeAll(async () => {
    primary = await OwnServer.start();
    await primary.stop();
    standby = primary.copy({ standbyOf: primary });
    await primary.start();
    await standby.start();
    await standby.hasCaughtUpWith(primary);
  });
  afterAll(async () => {
    await standby.stop();
    await primary.stop();
  });

  const warned: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_: object, said: string) => void warned.push(said) };
  beforeEach(async () => {
    warned.length = 0;
    await configure({});
  });

  /** As the server tells it to connections that begin from now on. */
  async function configure(settings: Readonly<Record<string, string>>): Promise<void> {
    for (const name of ['synchronous_standby_names', 'synchronous_commit']) {
      const value = settings[name];
      await primary.query(
        value === undefined ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = '${value}'`,
      );
    }
    await primary.query('SELECT pg_reload_conf()');
    const wanted = settings['synchronous_standby_names'] ?? '';
    for (;;) {
      const [row] = await primary.query<{ now: string }>(
        `SELECT current_setting('synchronous_standby_names') AS now`,
      );
      if (row?.now === wanted) return;
    }
  }

  async function check(
    settings: Partial<Parameters<typeof assertDurable>[1]> = {},
  ): Promise<readonly string[] | 'fine'> {
    const database = new Database({
      url: primary.database.url('transactionSubmission'),
      applicationName: 'durability',
      connectionsMax: 2,
    });
    const all = { DATABASE_FAILOVER: 'NONE', NETWORK_PASSPHRASE: 'test', ...settings } as const;
    try {
      await assertDurable(database, all, logger);
      return 'fine';
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      return [error.message];
    } finally {
      await database.close();
    }
  }

  it('is enough with a standby that every commit waits for', async () => {
    await configure({ synchronous_standby_names: 'standby' });
    expect([await check({ DATABASE_FAILOVER: 'STANDBY' }), warned]).toEqual(['fine', []]);
  });

  it('is not enough without one where a standby may be promoted', async () => {
    expect(await check({ DATABASE_FAILOVER: 'STANDBY' })).toEqual([
      expect.stringContaining('synchronous_standby_names'),
    ]);
  });

  it.each(['local', 'remote_write', 'off'])(
    'is not enough with synchronous_commit %s where a standby may be promoted',
    async (commits) => {
      await configure({ synchronous_standby_names: 'standby', synchronous_commit: commits });
      expect(await check({ DATABASE_FAILOVER: 'STANDBY' })).toEqual([
        expect.stringContaining(`synchronous_commit is ${commits}`),
      ]);
    },
  );

  it('says so where servers follow and nobody has said that none of them is ever promoted', async () => {
    expect(await check()).toBe('fine');
    expect(warned).toEqual([expect.stringContaining('DATABASE_FAILOVER')]);
  });

  it('is never enough on the public network when a commit may be lost in a crash', async () => {
    await configure({ synchronous_commit: 'off' });
    expect(await check({ NETWORK_PASSPHRASE: PUBLIC_NETWORK_PASSPHRASE })).toEqual([
      expect.stringContaining('synchronous_commit on'),
    ]);
    expect(await check()).toBe('fine');
  });
});
