import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type RunningPostgres, startPostgres, stopLeftoverPostgres } from '@libs/embedded-postgres';
import { Client } from 'pg';

import { brokersOf, stopBrokersOf } from '../kafka/test-broker';
import { RUN_VARIABLES, testRun } from '../postgres/test-run';

const FOLDER_PREFIX = 'distributary-test-';

let own: RunningPostgres | undefined;

/** Starts a PostgreSQL for this run, or takes the one that TEST_DATABASE_URL names (as a superuser). */
export async function openTestRun(): Promise<void> {
  await removeLeftoversOfKilledRuns();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), FOLDER_PREFIX));
  process.env[RUN_VARIABLES.folder] = folder;
  process.env[RUN_VARIABLES.name] = `t${randomBytes(4).toString('hex')}`;
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    process.env[RUN_VARIABLES.serverUrl] = given;
    return;
  }
  // The server's user must be able to walk through the folder that mkdtemp made for us alone.
  fs.chmodSync(folder, 0o711);
  own = await startPostgres({
    dataFolder: path.join(folder, 'postgres'),
    password: randomBytes(12).toString('hex'),
    durable: false,
    settings: {
      shared_buffers: '256MB',
      max_connections: '300',
      wal_level: 'minimal',
      max_wal_senders: '0',
      max_wal_size: '4GB',
    },
  });
  process.env[RUN_VARIABLES.serverUrl] = own.superuserUrl;
  endOnInterrupt(own, folder);
}

/** Jest calls no teardown after Ctrl-C, and the servers are in process groups of their own. */
function endOnInterrupt({ pid }: RunningPostgres, folder: string): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      if (own !== undefined) endAtOnce(pid, 'SIGQUIT');
      for (const broker of brokersOf(folder)) endAtOnce(broker, 'SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true });
      process.kill(process.pid, signal);
    });
  }
}

/** Without awaiting: after a signal there is no later. What it wrote can only be removed when it is gone. */
function endAtOnce(pid: number, signal: NodeJS.Signals): void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  try {
    process.kill(pid, signal);
    // A child that nobody collects stays in the process table, so its end is not waited for longer than this.
    for (let waited = 0; waited < 20 && !hasEnded(pid); waited += 1) Atomics.wait(sleeper, 0, 0, 50);
  } catch {
    // It has ended already.
  }
}

function hasEnded(pid: number): boolean {
  process.kill(pid, 0);
  return process.platform === 'linux' && / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Drops what the run made: its own server, or its databases on a server that was given. */
export async function closeTestRun(): Promise<void> {
  const folder = process.env[RUN_VARIABLES.folder];
  if (folder !== undefined) await stopBrokersOf(folder);
  if (own === undefined) await dropDatabasesOfThisRun();
  else await own.stop();
  own = undefined;
  if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
}

async function dropDatabasesOfThisRun(): Promise<void> {
  const { serverUrl, name } = testRun();
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`,
      [`${name}_`],
    );
    for (const { datname } of rows) {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}

/** A run that ended by kill −9 leaves its server behind; the next run of the same user stops it. */
async function removeLeftoversOfKilledRuns(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const folder = path.join(os.tmpdir(), name);
    if (!name.startsWith(FOLDER_PREFIX) || !isOurs(folder)) continue;
    // A run that is just starting has a folder and no server yet.
    if (!fs.existsSync(path.join(folder, 'postgres', 'owner.json'))) continue;
    if (await stopLeftoverPostgres(path.join(folder, 'postgres'))) {
      await stopBrokersOf(folder);
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Whether this user made it; false also when it is gone meanwhile. */
function isOurs(folder: string): boolean {
  return fs.statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}
