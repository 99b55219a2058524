import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { Client } from 'pg';

import {
  erasePostgres,
  PostgresError,
  type RunningPostgres,
  startPostgres,
  stopLeftoverPostgres,
} from './index';
import { memorySettings } from './memory-settings';

const PASSWORD = "it's a pass word/%";

describe('an embedded PostgreSQL', () => {
  let parent: string;
  let dataFolder: string;
  let running: RunningPostgres | undefined;

  beforeEach(() => {
    // Mode 0700 and a space: a home that only its user can enter.
    parent = fs.mkdtempSync(path.join(os.tmpdir(), 'a home '));
    dataFolder = path.join(parent, 'my data', 'postgres');
  });

  afterEach(async () => {
    await running?.stop();
    running = undefined;
    erasePostgres(dataFolder);
    fs.rmSync(parent, { recursive: true, force: true });
  });

  it('keeps its data over a stop and a start, below a home that only its user can enter', async () => {
    await start();
    await query('CREATE TABLE kept AS SELECT 42 AS answer');
    await running?.stop();
    await start();
    expect(await query('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('asks for the password and listens on this machine only, without a socket file', async () => {
    await start();
    const wrong = new Client({ connectionString: urlWith('wrong') });
    await expect(wrong.connect()).rejects.toThrow('password authentication failed');
    const [settings] = await query(
      `SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets,
              current_setting('password_encryption') AS encryption`,
    );
    expect(settings).toEqual({ addresses: '127.0.0.1', sockets: '', encryption: 'scram-sha-256' });
  });

  it('may keep more in memory than PostgreSQL asks for itself, where the machine has it', async () => {
    await start();
    const [row] = await query(
      `SELECT setting::bigint * 8192 AS bytes FROM pg_settings WHERE name = 'shared_buffers'`,
    );
    expect(`${String(Number(row?.['bytes']) / 2 ** 20)}MB`).toBe(memorySettings()['shared_buffers']);
  });

  it('writes to disk before it answers, unless a test switches that off', async () => {
    running = await startPostgres({ dataFolder, password: PASSWORD });
    expect(await query(`SELECT current_setting('fsync') AS fsync`)).toEqual([{ fsync: 'on' }]);
  });

  it('starts again after kill −9 of its server, with everything that was committed', async () => {
    // Not with the settings for tests: they answer before a commit is on disk.
    const killed = await startPostgres({ dataFolder, password: PASSWORD });
    running = killed;
    await query('CREATE TABLE committed AS SELECT 1 AS n');
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    await start();
    expect(await query('SELECT n FROM committed')).toEqual([{ n: 1 }]);
  });

  it('ignores a pid file whose number belongs to another program by now', async () => {
    const killed = await start();
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    const pidFile = path.join(killed.folder, 'cluster', 'postmaster.pid');
    fs.writeFileSync(pidFile, fs.readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
    await start();
    expect(await query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('stops the server that a killed process left behind, but not that of a living one', async () => {
    const server = await start();
    expect(await stopLeftoverPostgres(dataFolder)).toBe(false);
    const owner = path.join(server.folder, 'owner.json');
    fs.writeFileSync(owner, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }));
    expect(await stopLeftoverPostgres(dataFolder)).toBe(true);
    await server.exited;
  });

  it('refuses a folder that another living process uses', async () => {
    const { folder } = await start();
    const owner = path.join(folder, 'owner.json');
    const startTime = fs.readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    fs.writeFileSync(owner, JSON.stringify({ pid: process.ppid, startedAt: startTime }));
    await expect(startPostgres({ dataFolder, password: PASSWORD })).rejects.toThrow(
      `in use by process ${process.ppid}`,
    );
  });

  it('says in one sentence that its port is taken', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await expect(startPostgres({ dataFolder, password: PASSWORD, port, durable: false })).rejects.toThrow(
        new PostgresError(
          `Port ${port} on 127.0.0.1, where PostgreSQL should listen, is taken by another program: stop that program or choose other ports with PORT_BASE.`,
        ),
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('says what to set on a platform that it has no binaries for', async () => {
    const original = process.platform;
    Object.defineProperty(process, 'platform', { value: 'aix' });
    try {
      await expect(startPostgres({ dataFolder, password: PASSWORD })).rejects.toThrow(
        /^There is no embedded.*DATABASE_URL/,
      );
    } finally {
      Object.defineProperty(process, 'platform', { value: original });
    }
  });

  async function start(): Promise<RunningPostgres> {
    running = await startPostgres({ dataFolder, password: PASSWORD, durable: false });
    return running;
  }

  function urlWith(password: string): string {
    const url = new URL(running?.superuserUrl ?? '');
    url.password = password;
    return url.href;
  }

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: running?.superuserUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
