import { execFileSync } from 'node:child_process';

import { newId } from '@libs/kernel';
import { type TestDatabase, testDatabase } from '@libs/testing';
import { Client } from 'pg';

import { Database } from './database';
import { NoConnectionError } from './database.errors';
import { type Migration } from './migrations-runner';
import { foundationMigrations, schemaFor, systemTable, tenantTable } from './index';
import type { TenantTx } from './tx';
import { UnitOfWork } from './unit-of-work';

const NOTES: Migration = class Notes1763799900000 {
  readonly name = 'Notes1763799900000';
  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    const statements = [
      ...schemaFor('notes'),
      `CREATE TABLE notes.notes (tenant_id uuid NOT NULL, id uuid NOT NULL, body text, price bigint, PRIMARY KEY (tenant_id, id))`,
      ...tenantTable('notes.notes', { dashboardApi: 'select, insert, update', messaging: 'select' }, [
        'messaging',
      ]),
      `CREATE TABLE notes.shared (id int PRIMARY KEY, body text)`,
      ...systemTable('notes.shared', { dashboardApi: 'select, insert, update' }),
    ];
    for (const statement of statements) await runner.query(statement);
  }
  async down(): Promise<void> {
    await Promise.reject(new Error('never taken back'));
  }
};

const ours = newId();
const theirs = newId();
const context = (tenantId: string): { tenantId: string; actor: string; trace: string } => ({
  tenantId,
  actor: 'system:test',
  trace: '',
});

describe('a unit of work', () => {
  let testing: TestDatabase;
  let database: Database;
  let messagingDatabase: Database;
  let unit: UnitOfWork;

  beforeAll(async () => {
    testing = await testDatabase({ migrations: [...foundationMigrations, NOTES] });
    database = new Database({ url: testing.url('dashboardApi'), applicationName: 'test', connectionsMax: 4 });
    messagingDatabase = new Database({
      url: testing.url('messaging'),
      applicationName: 'test',
      connectionsMax: 2,
    });
    unit = new UnitOfWork(database);
    for (const tenantId of [ours, theirs]) {
      await unit.run(context(tenantId), (tx) =>
        tx.execute('INSERT INTO notes.notes VALUES ($1, $2, $3, $4)', [
          tenantId,
          newId(),
          'hello',
          9_007_199_254_740_993n,
        ]),
      );
    }
  });

  afterAll(async () => {
    await database.close();
    await messagingDatabase.close();
    await testing.drop();
  });

  it('keeps the plan of a statement that is always the same, and the rows of each tenant apart', async () => {
    const statement = 'SELECT tenant_id, body FROM notes.notes WHERE id <> $1';
    for (let round = 0; round < 8; round += 1) {
      for (const tenantId of [ours, theirs]) {
        const [rows, kept] = await unit.run(context(tenantId), async (tx) => [
          await tx.queryPlanned<{ tenant_id: string }>(statement, [newId()]),
          await tx.query('SELECT name FROM pg_prepared_statements WHERE statement = $1', [statement]),
        ]);
        expect([rows.length > 0, new Set(rows.map((row) => row.tenant_id))]).toEqual([
          true,
          new Set([tenantId]),
        ]);
        expect(kept).toHaveLength(1);
      }
    }
  });

  it('leaves a connection whose kept plan no longer fits', async () => {
    const statement = 'SELECT body FROM notes.shared WHERE id = $1';
    const read = (): Promise<unknown> =>
      unit.runSystem('a test of kept plans', (tx) => tx.queryPlanned(statement, [1]));
    const own = new Client({ connectionString: testing.superuserUrl });
    await own.connect();
    try {
      expect(await read()).toEqual([]);
      await own.query('ALTER TABLE notes.shared ALTER COLUMN body TYPE varchar(100)');
      await expect(read()).rejects.toThrow('cached plan must not change result type');
      expect(await read()).toEqual([]);
    } finally {
      await own.query('ALTER TABLE notes.shared ALTER COLUMN body TYPE text');
      await own.end();
    }
  });

  it('keeps to one processor where it says so, and what comes behind it on the connection does not', async () => {
    const one = new Database({
      url: testing.url('dashboardApi'),
      applicationName: 'test',
      connectionsMax: 1,
    });
    const workers = async (begin: (tx: TenantTx) => Promise<void>): Promise<unknown> =>
      await new UnitOfWork(one).run(context(ours), async (tx) => {
        await begin(tx);
        return await tx.queryOne('SHOW max_parallel_workers_per_gather');
      });
    const usual = await workers(() => Promise.resolve());
    expect(usual).not.toEqual({ max_parallel_workers_per_gather: '0' });
    expect(await workers((tx) => tx.onOneProcessor())).toEqual({ max_parallel_workers_per_gather: '0' });
    expect(await workers(() => Promise.resolve())).toEqual(usual);
    await one.close();
  });

  it('sees the rows of its tenant only, without being told in the query', async () => {
    const rows = await unit.run(context(ours), (tx) =>
      tx.query<{ tenant_id: string }>('SELECT tenant_id FROM notes.notes'),
    );
    expect(rows).toEqual([{ tenant_id: ours }]);
  });

  it('cannot write a row of another tenant', async () => {
    await expect(
      unit.run(context(ours), (tx) =>
        tx.execute('INSERT INTO notes.notes VALUES ($1, $2)', [theirs, newId()]),
      ),
    ).rejects.toThrow('row-level security');
  });

  it('touches nothing of another tenant, also by an update without a condition', async () => {
    expect(await unit.run(context(ours), (tx) => tx.execute(`UPDATE notes.notes SET body = 'mine'`))).toBe(1);
    const rows = await unit.run(context(theirs), (tx) => tx.query('SELECT body FROM notes.notes'));
    expect(rows).toEqual([{ body: 'hello' }]);
  });

  it('reads amounts beyond 2^53 to the last digit', async () => {
    const row = await unit.run(context(ours), (tx) => tx.queryOne('SELECT price FROM notes.notes'));
    expect(row).toEqual({ price: 9_007_199_254_740_993n });
  });

  it('leaves nothing behind when its work throws', async () => {
    const id = newId();
    await expect(
      unit.run(context(ours), async (tx) => {
        await tx.execute('INSERT INTO notes.notes VALUES ($1, $2)', [ours, id]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(
      await unit.run(context(ours), (tx) => tx.queryOne('SELECT 1 FROM notes.notes WHERE id = $1', [id])),
    ).toBeNull();
  });

  it('keeps the connection when its work gave up by itself', async () => {
    const one = new Database({ ...database.options, connectionsMax: 1 });
    const own = new UnitOfWork(one);
    const pid = async (): Promise<unknown> =>
      await own.run(context(ours), (tx) => tx.queryOne('SELECT pg_backend_pid() AS pid'));
    const before = await pid();
    await expect(
      own.run(context(ours), async (tx) => {
        await tx.execute(`UPDATE notes.notes SET body = 'never'`);
        throw new Error('changed its mind');
      }),
    ).rejects.toThrow('changed its mind');
    expect(await pid()).toEqual(before);
    expect(await own.run(context(ours), (tx) => tx.query('SELECT body FROM notes.notes'))).not.toContainEqual(
      {
        body: 'never',
      },
    );
    await one.close();
  });

  it('is refused when nobody said whose work it is', async () => {
    await expect(database.pool.query('SELECT * FROM notes.notes')).rejects.toThrow(
      'no tenant in this database transaction',
    );
  });

  it('does not carry a tenant over to the next user of the connection', async () => {
    await unit.run(context(ours), (tx) => tx.query('SELECT 1'));
    for (let turn = 0; turn < 4; turn += 1) {
      await expect(database.pool.query('SELECT * FROM notes.notes')).rejects.toThrow('no tenant');
    }
  });

  it('runs again when PostgreSQL chose it as the victim of a deadlock', async () => {
    await unit.runSystem('test', (tx) => tx.execute(`INSERT INTO notes.shared VALUES (1, ''), (2, '')`));
    let runs = 0;
    let atTheMiddle = 0;
    const crossing = (first: number, second: number): Promise<void> =>
      unit.runSystem('test', async (tx) => {
        runs += 1;
        await tx.execute(`UPDATE notes.shared SET body = body || 'x' WHERE id = $1`, [first]);
        atTheMiddle += 1;
        while (atTheMiddle < 2) await new Promise((resume) => setImmediate(resume));
        await tx.execute(`UPDATE notes.shared SET body = body || 'x' WHERE id = $1`, [second]);
      });
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    // One of them ran again; on a busy machine the second try can lose as well.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await unit.runSystem('test', (tx) => tx.query('SELECT body FROM notes.shared'))).toEqual([
      { body: 'xx' },
      { body: 'xx' },
    ]);
  });

  it('runs once more when somebody else wrote what it had looked for in vain, and says so when it cannot write it either', async () => {
    let looking = 2;
    const add = (body: string): Promise<string> =>
      unit.runSystem('test', async (tx) => {
        const known = await tx.queryOne<{ body: string }>('SELECT body FROM notes.shared WHERE id = 7');
        if (known !== null) return `taken by ${known.body}`;
        for (looking -= 1; looking > 0;) await new Promise((resume) => setImmediate(resume));
        await tx.execute('INSERT INTO notes.shared VALUES (7, $1)', [body]);
        return 'added';
      });
    const ends = await Promise.all([add('one'), add('other')]);
    expect(ends.toSorted()).toEqual(['added', expect.stringMatching(/^taken by (one|other)$/)]);
    let runs = 0;
    const stubborn = unit.runSystem('test', (tx) => {
      runs += 1;
      return tx.execute(`INSERT INTO notes.shared VALUES (7, 'again')`);
    });
    await expect(stubborn).rejects.toMatchObject({ code: '23505' });
    expect(runs).toBe(2);
  });

  it('looks at one moment with two connections, also when somebody commits before the second is there', async () => {
    const write = (body: string): Promise<number> =>
      unit.run(context(ours), (tx) => tx.execute('UPDATE notes.notes SET body = $1', [body]));
    class Busy extends Database {
      override async connectSpare(): ReturnType<Database['connectSpare']> {
        await write('late');
        return await super.connectSpare();
      }
    }
    const busy = new Busy(database.options);
    const look = new UnitOfWork(busy);
    const late = (tx: TenantTx | null): unknown => tx?.query(`SELECT 1 FROM notes.notes WHERE body = 'late'`);
    expect(
      await look.look(context(ours), async (first, second) => [await late(first), await late(second)]),
    ).toEqual([[], []]);
    const writing = look.look(context(ours), (first) =>
      first.execute(`UPDATE notes.notes SET body = 'later'`),
    );
    await expect(writing).rejects.toThrow('read-only');
    await busy.close();
    expect(await write('hello')).toBe(1);
  });

  it('says so when work swallowed the error of a statement, after which nothing can be committed', async () => {
    const work = unit.run(context(ours), async (tx) => {
      await tx.execute('SELECT 1 / 0').catch(() => undefined);
      return 'looks fine';
    });
    await expect(work).rejects.toThrow('nothing was committed');
  });

  it('survives that its connection is cut while it waits for something else', async () => {
    const cut = unit.runSystem('test', async (tx) => {
      const own = await tx.queryOne<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const superuser = new Database({
        url: testing.superuserUrl,
        applicationName: 'test',
        connectionsMax: 1,
      });
      await superuser.pool.query('SELECT pg_terminate_backend($1, 5000)', [own?.pid]);
      await superuser.close();
      await new Promise((resume) => setImmediate(resume));
      await tx.query('SELECT 1');
    });
    // Something was asked already, so nobody may say that trying again is safe.
    await expect(cut).rejects.not.toBeInstanceOf(NoConnectionError);
    await expect(unit.runSystem('test', (tx) => tx.query('SELECT 1 AS one'))).resolves.toEqual([{ one: 1 }]);
  });

  it('takes another connection when those of the pool are gone before anything was asked of them', async () => {
    let waiting = 4;
    const all = Array.from({ length: waiting }, () =>
      unit.runSystem('test', async () => {
        for (waiting -= 1; waiting > 0;) await new Promise((resume) => setImmediate(resume));
      }),
    );
    await Promise.all(all);
    expect(database.pool.idleCount).toBe(4);
    // Nothing is heard of their end before the next statement is sent.
    const script = `const { Client } = require('pg'); const client = new Client({ connectionString: process.argv[1] });
      client.connect().then(() => client.query(process.argv[2])).then(() => client.end());`;
    const end = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE application_name = 'test' AND usename = 'distributary_dashboard_api' AND datname = current_database()`;
    execFileSync(process.execPath, ['-e', script, testing.superuserUrl, end], { cwd: __dirname });
    const notes = unit.run(context(ours), (tx) => tx.query<{ body: string }>('SELECT body FROM notes.notes'));
    await expect(notes).resolves.not.toEqual([]);
    await expect(unit.runSystem('test', (tx) => tx.query('SELECT 1 AS one'))).resolves.toEqual([{ one: 1 }]);
  });

  it('gives up when new connections are gone before anything was asked of them, too', async () => {
    const broken = new Database({
      ...{ url: testing.url('dashboardApi'), applicationName: 'test', connectionsMax: 2 },
    });
    let begun = 0;
    broken.pool.on('connect', (client) => {
      begun += 1;
      jest.spyOn(client, 'query').mockImplementation(() => {
        throw new Error('Connection terminated unexpectedly');
      });
    });
    await expect(new UnitOfWork(broken).runSystem('test', () => Promise.resolve())).rejects.toThrow(
      'terminated',
    );
    expect(begun).toBe(3);
    await broken.close();
  });

  it('says so when no connection could be had, because all are busy or PostgreSQL is not there', async () => {
    const one = new Database({
      ...{ url: testing.url('dashboardApi'), applicationName: 'test', connectionsMax: 1 },
    });
    const busy = await one.connect();
    one.pool.options.connectionTimeoutMillis = 50;
    const work = new UnitOfWork(one).runSystem('test', (tx) => tx.query('SELECT 1'));
    await expect(work).rejects.toBeInstanceOf(NoConnectionError);
    await expect(one.query({ text: 'SELECT 1' })).rejects.toBeInstanceOf(NoConnectionError);
    busy.release();
    await expect(one.query({ text: 'SELECT 1 AS one' })).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await one.close();
    const nobody = new Database({ url: 'postgres://nobody@127.0.0.1:1/none', applicationName: 'test' });
    await expect(nobody.query({ text: 'SELECT 1' })).rejects.toBeInstanceOf(NoConnectionError);
    await nobody.close();
  });

  describe('across tenants', () => {
    it('reads what the second role of the app was granted, and writes none of it', async () => {
      const system = new UnitOfWork(messagingDatabase);
      const rows = await system.runSystem('notes due', (tx) => tx.query('SELECT tenant_id FROM notes.notes'));
      expect(rows).toHaveLength(2);
      await expect(
        system.runSystem('notes due', (tx) => tx.execute('DELETE FROM notes.notes')),
      ).rejects.toThrow('permission denied');
    });

    it('sees nothing where the app has no such grant', async () => {
      await expect(
        unit.runSystem('notes due', (tx) => tx.query('SELECT * FROM notes.notes')),
      ).rejects.toThrow('permission denied');
    });

    it('does not widen what the first role sees', async () => {
      const rows = await new UnitOfWork(messagingDatabase).run(context(ours), (tx) =>
        tx.query('SELECT tenant_id FROM notes.notes'),
      );
      expect(rows).toEqual([{ tenant_id: ours }]);
    });
  });

  describe('as a role that would not be held by row-level security', () => {
    it('refuses to start', async () => {
      const superuser = new Database({ url: testing.superuserUrl, applicationName: 'test' });
      await expect(superuser.assertReady()).rejects.toThrow('role of this app');
      await superuser.close();
      await expect(database.assertReady()).resolves.toBeUndefined();
    });
  });
});
