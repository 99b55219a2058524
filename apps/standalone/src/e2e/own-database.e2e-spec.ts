import fs from 'node:fs';
import path from 'node:path';

import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { Database } from '@libs/persistence';

import { portPlan } from '../system/port-plan';
import { processesOf, Program } from './program';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';

const PASSWORD = 'only-for-tests';
/** As README asks for: the owner of an empty database, who may create roles and is no superuser. */
const PREPARATION = [
  `CREATE ROLE somebody LOGIN CREATEROLE PASSWORD '${PASSWORD}'`,
  'CREATE DATABASE payouts OWNER somebody',
];

describe('the standalone system with DATABASE_URL', () => {
  let serverFolder: string;
  let server: RunningPostgres;
  let dataFolder: string;
  let databaseUrl: string;
  let portBase: number;
  let program: Program | undefined;

  beforeAll(async () => {
    buildOnce();
    [serverFolder, dataFolder, portBase] = [trialFolder(), trialFolder(), await freePortBase()];
    server = await startPostgres({
      dataFolder: path.join(serverFolder, 'postgres'),
      password: PASSWORD,
      durable: false,
    });
    for (const statement of PREPARATION) await query(server.superuserUrl, statement);
    databaseUrl = `postgres://somebody:${PASSWORD}@127.0.0.1:${String(server.port)}/payouts`;
  }, 120_000);

  afterAll(async () => {
    if (program?.isRunning === true) await program.end('SIGTERM');
    await server.stop();
    for (const folder of [serverFolder, dataFolder]) removeTrialFolder(folder);
  }, 60_000);

  // The second start finds the tables and roles of the first.
  it.each(['first', 'second'])(
    'keeps everything in that database, at its %s start',
    async () => {
      program = new Program({ words: ['start'], dataFolder, portBase, databaseUrl });
      await program.ready();
      const { core, submission } = portPlan(portBase);
      for (const port of [core, submission]) {
        expect((await fetch(`http://127.0.0.1:${String(port)}/ready`)).status).toBe(200);
      }
      expect(await sessionsOfApps()).toBeGreaterThanOrEqual(5);
      expect(await program.end('SIGINT')).toBe(0);
      expect(processesOf(dataFolder)).toEqual([]);
      expect(
        await query(databaseUrl, `SELECT to_regclass('disbursements.payments') IS NOT NULL AS there`),
      ).toEqual([{ there: true }]);
      expect(fs.existsSync(path.join(dataFolder, 'postgres'))).toBe(false);
    },
    120_000,
  );

  /** How many roles other than the owner have sessions. */
  async function sessionsOfApps(): Promise<number> {
    const [row] = await query(
      server.superuserUrl,
      `SELECT count(DISTINCT usename)::int AS roles FROM pg_stat_activity
       WHERE datname = 'payouts' AND usename <> 'somebody'`,
    );
    return Number(row?.['roles']);
  }
});

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const database = new Database({ url, applicationName: 'a test', connectionsMax: 1 });
  try {
    return (await database.pool.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await database.close();
  }
}
