import { Client } from 'pg';

import { type Process, turn } from '../testing/engine-world';
import { type FakeScene, openFakeScene, payeesOn, receivedBy, runUntilDone } from '../testing/run-engine';

/** The same server, on the same timeline: nothing but the database itself can tell. */
describe('a database that was put back into the server that it came from', () => {
  let scene: FakeScene;
  beforeEach(async () => {
    scene = await openFakeScene({ channels: 2 });
  });
  afterEach(async () => {
    await scene.world.close();
  });

  async function asSuperuser<T>(work: (client: Client) => Promise<T>, database?: string): Promise<T> {
    const url = new URL(scene.world.testDb.superuserUrl);
    if (database !== undefined) url.pathname = `/${database}`;
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** All rows of the library's tables, as a dump of the data has them. */
  const dump = (): Promise<ReadonlyMap<string, string>> =>
    asSuperuser(async (client) => {
      const tables = await client.query<{ name: string }>(
        `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'submissions'`,
      );
      const rows = new Map<string, string>();
      for (const { name } of tables.rows) {
        const all = await client.query<{ rows: string }>(
          `SELECT coalesce(json_agg(t), '[]')::text AS rows FROM submissions.${name} t`,
        );
        rows.set(name, all.rows[0]?.rows ?? '[]');
      }
      return rows;
    });
  const restore = (dumped: ReadonlyMap<string, string>): Promise<void> =>
    asSuperuser(async (client) => {
      await client.query(`SET session_replication_role = 'replica'`);
      await client.query('BEGIN');
      for (const [name, rows] of dumped) {
        await client.query(`DELETE FROM submissions.${name}`);
        await client.query(
          `INSERT INTO submissions.${name} OVERRIDING SYSTEM VALUE
           SELECT * FROM json_populate_recordset(NULL::submissions.${name}, $1)`,
          [rows],
        );
      }
      await client.query('COMMIT');
    });

  /** Nobody may be connected to a database that is copied or renamed. */
  const aside = (...statements: readonly string[]): Promise<void> =>
    asSuperuser(async (client) => {
      const { name } = scene.world.testDb;
      await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      for (;;) {
        const sessions = await client.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
          [name],
        );
        if (sessions.rows.length === 0) break;
      }
      for (const statement of statements) await client.query(statement);
    }, 'postgres');

  /**
   * From here on other channel accounts pay, which the dump does not know of: the sequence numbers of those that it knows
   * tell nothing.
   */
  async function changeChannels(): Promise<void> {
    await asSuperuser((client) =>
      client.query(`UPDATE submissions.channel_accounts SET status = 'DRAINING', owner = NULL`),
    );
    await scene.world.addChannels(scene.fake, 2);
  }

  async function ledgers(process: Process, count: number): Promise<void> {
    for (let closed = 0; closed < count; closed += 1) {
      await turn(process).catch(() => undefined);
      scene.fake.closeLedger(30);
    }
  }

  it.each([
    ['in a process that runs on', true],
    ['in one that starts then', false],
  ])('signs nothing after a dump was restored, %s', async (_, runsOn) => {
    const { world, fake } = scene;
    const process = world.process();
    await turn(process);
    const payees = payeesOn(fake, 3);
    await world.dispatch(payees);
    const dumped = await dump();
    await changeChannels();
    await runUntilDone(scene, { next: () => process });
    await restore(dumped);
    const next = runsOn ? process : world.process();
    await ledgers(next, 12);
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(next.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
  });

  it('goes on by itself after a dump was restored that has forgotten nothing', async () => {
    const { world, fake } = scene;
    await world.dispatch(payeesOn(fake, 2));
    const process = await runUntilDone(scene);
    await restore(await dump());
    await turn(process);
    const payees = payeesOn(fake, 2);
    await world.dispatch(payees);
    await ledgers(process, 2);
    expect(receivedBy(fake, payees)).toEqual([0n, 0n]);
    await ledgers(process, 8);
    expect(process.engine.problems()).toEqual([]);
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
  });

  it('signs nothing in a copy of the database that took its place', async () => {
    const { world, fake } = scene;
    const { name } = world.testDb;
    const process = world.process();
    await turn(process);
    const payees = payeesOn(fake, 3);
    await world.dispatch(payees);
    await aside(
      `CREATE DATABASE ${name}_copy TEMPLATE ${name} OWNER distributary_owner`,
      `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`,
    );
    await changeChannels();
    await turn(process).catch(() => undefined);
    await runUntilDone(scene, { next: () => process });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    await aside(
      `ALTER DATABASE ${name} RENAME TO ${name}_old`,
      `ALTER DATABASE ${name}_copy RENAME TO ${name}`,
      `DROP DATABASE ${name}_old`,
    );
    await ledgers(process, 12);
    expect(await world.statuses()).toEqual({ QUEUED: 3 });
    expect(receivedBy(fake, payees)).toEqual(payees.map(({ amount }) => amount));
    expect(process.engine.problems()).toEqual([expect.stringContaining('a person must look')]);
  });
});
