import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { type Binaries, prepareBinaries } from './binaries';
import { findHome, type Home, openHome, reachableFolder } from './home';
import { giveUpOwnership, hasLiveOwner, takeOwnership } from './owner';
import { PostgresError, refusalOfInitdb } from './postgres.errors';
import { clearLeftovers, exitOf, readPidFile, spawnProgram, stopProcess } from './server-process';
import { memorySettings } from './memory-settings';
import { systemErrorCode } from './system-error';
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user';

export interface PostgresOptions {
  /** Everything is kept below this folder; it is made when it is missing. The path must be absolute. */
  readonly dataFolder: string;
  /** The superuser's password. It is set when the cluster is made and must be the same at every later start. */
  readonly password: string;
  /** The TCP port on 127.0.0.1; a free one is taken when it is left out. */
  readonly port?: number;
  /** False only in tests: without fsync a power cut may lose or damage the data. Default true. */
  readonly durable?: boolean;
  /** More settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long the server may take until it accepts connections; recovery after a crash counts too. */
  readonly startTimeoutMs?: number;
}

export interface RunningPostgres {
  readonly port: number;
  readonly pid: number;
  /** Where the data really is: as root, outside of a folder that only root can enter. */
  readonly folder: string;
  /** The address of the database `postgres` as the superuser, with the password. */
  readonly superuserUrl: string;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown: sessions are ended, committed data is on disk. */
  stop(): Promise<void>;
}

export const SUPERUSER = 'postgres';
const FREE_PORT_TRIES = 5;

/**
 * Starts a PostgreSQL of our own on 127.0.0.1, over TCP only.
 *
 * As root it runs as an unprivileged user. What a crash left behind is cleared first; a folder that a living
 * process uses is refused. Every failure is a `PostgresError` whose message is one sentence for the user.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = unprivilegedUser();
  const home = withReadableRefusal(options.dataFolder, () => openHome(options.dataFolder, user));
  takeOwnership(home);
  const copyFolder = (): string => (user === undefined ? home.folder : reachableFolder());
  const binaries = prepareBinaries({ user, copyFolder });
  await clearLeftovers(home);
  if (!fs.existsSync(home.cluster)) await createCluster({ options, home, binaries, user });

  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const outcome = await launch({ options, home, binaries, user, port });
    if (outcome.kind === 'running') return outcome.server;
    // Somebody else may take a free port between our look and the server's.
    if (outcome.kind === 'port taken' && options.port === undefined && attempt < FREE_PORT_TRIES) continue;
    giveUpOwnership(home);
    if (outcome.kind === 'failed') throw new PostgresError(outcome.message);
    throw new PostgresError(
      `Port ${port} on 127.0.0.1, where PostgreSQL should listen, is taken by another program: stop that program or choose other ports with PORT_BASE.`,
    );
  }
}

/**
 * Stops a server whose owner is gone, and says whether the folder is free now: false while the process that
 * started it lives.
 */
export async function stopLeftoverPostgres(dataFolder: string): Promise<boolean> {
  const home = findHome(dataFolder, unprivilegedUser());
  if (home === undefined) return true;
  if (hasLiveOwner(home)) return false;
  await clearLeftovers(home);
  return true;
}

/** The process of the server on this folder and its own log, whoever started it; undefined before its first start. */
export function findPostgres(
  dataFolder: string,
): { readonly pid: number | undefined; readonly log: string } | undefined {
  const home = findHome(dataFolder, unprivilegedUser());
  return home === undefined ? undefined : { pid: readPidFile(home)?.pid, log: home.log };
}

interface Context {
  readonly options: PostgresOptions;
  readonly home: Home;
  readonly binaries: Binaries;
  readonly user: UnprivilegedUser | undefined;
}

/** Makes the cluster beside its final place, so that one that was cut off half-way is never taken for a whole one. */
async function createCluster({ options, home, binaries, user }: Context): Promise<void> {
  for (const name of fs.readdirSync(home.folder)) {
    if (name.startsWith('unfinished-'))
      fs.rmSync(path.join(home.folder, name), { recursive: true, force: true });
  }
  const unfinished = path.join(home.folder, `unfinished-${randomBytes(4).toString('hex')}`);
  const passwordFile = `${unfinished}.password`;
  fs.writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (user !== undefined) fs.chownSync(passwordFile, user.uid, user.gid);
  const args = ['-D', unfinished, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  args.push('--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  args.push('--no-instructions', ...(options.durable === false ? ['--no-sync'] : []));
  const log = openLog(home);
  try {
    const code = await exitOf(spawnProgram({ program: binaries.initdb, args, user, log: log.fd }));
    if (code !== 0) throw new PostgresError(refusalOfInitdb(log.lastComplaint()));
    fs.renameSync(unfinished, home.cluster);
  } finally {
    log.close();
    fs.rmSync(passwordFile, { force: true });
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
}

type Launch =
  | { readonly kind: 'running'; readonly server: RunningPostgres }
  | { readonly kind: 'port taken' }
  | { readonly kind: 'failed'; readonly message: string };

async function launch({ options, home, binaries, user, port }: Context & { port: number }): Promise<Launch> {
  const log = openLog(home);
  try {
    const args = serverArguments(options, home, port);
    const child = spawnProgram({ program: binaries.postgres, args, user, log: log.fd });
    const exited = exitOf(child);
    // A server that ends much later is told through `exited`; here the promise only must not go unhandled.
    exited.catch(() => undefined);
    const pid = child.pid;
    if (pid === undefined) {
      await exited;
      return { kind: 'failed', message: 'PostgreSQL did not start.' };
    }
    const ready = await becomesReady({ home, pid, exited, timeoutMs: options.startTimeoutMs ?? 60_000 });
    if (!ready) {
      await stopProcess(pid, 5_000);
      if (/Address already in use/.test(log.written())) return { kind: 'port taken' };
      return { kind: 'failed', message: `PostgreSQL did not start: ${log.lastComplaint()}` };
    }
    child.unref();
    return {
      kind: 'running',
      server: runningServer({ home, pid, port, exited, password: options.password }),
    };
  } finally {
    log.close();
  }
}

function serverArguments(options: PostgresOptions, home: Home, port: number): string[] {
  const durability: Record<string, string> =
    options.durable === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {};
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket path has a length limit and a place of its own to be reachable from; TCP has neither.
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // In a minute, PostgreSQL's default, payments leave more dead rows than some tables have living ones.
    autovacuum_naptime: '15s',
    ...memorySettings(),
    // A gigabyte, PostgreSQL's default, is full after some 400,000 payments: each page is written whole once more after that.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    ...durability,
    ...options.settings,
  };
  return [
    '-D',
    home.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

interface Waiting {
  readonly home: Home;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  readonly timeoutMs: number;
}

async function becomesReady({ home, pid, exited, timeoutMs }: Waiting): Promise<boolean> {
  const server = { ended: false };
  const end = (): void => {
    server.ended = true;
  };
  exited.then(end, end);
  const until = performance.now() + timeoutMs;
  while (!server.ended && performance.now() < until) {
    const file = readPidFile(home);
    if (file?.pid === pid && file.ready) return true;
    await pause(10);
  }
  return false;
}

interface Started extends Omit<Waiting, 'timeoutMs'> {
  readonly port: number;
  readonly password: string;
}

function runningServer({ home, pid, port, exited, password }: Started): RunningPostgres {
  return {
    port,
    pid,
    folder: home.folder,
    superuserUrl: `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    exited: exited.then(
      () => undefined,
      () => undefined,
    ),
    stop: async () => {
      await stopProcess(pid, 10_000);
      giveUpOwnership(home);
    },
  };
}

interface Log {
  readonly fd: number;
  /** What was written since this log was opened. */
  written(): string;
  lastComplaint(): string;
  close(): void;
}

const LOG_BYTES_MAX = 10_000_000;

/** The log file is written by the server itself, so that it does not depend on our process to be read. */
function openLog(home: Home): Log {
  const size = fs.statSync(home.log, { throwIfNoEntry: false })?.size ?? 0;
  const keep = size <= LOG_BYTES_MAX;
  const fd = fs.openSync(home.log, keep ? 'a' : 'w', 0o600);
  const from = keep ? size : 0;
  const written = (): string => fs.readFileSync(home.log).subarray(from).toString('utf8');
  return {
    fd,
    written,
    lastComplaint: () => {
      const lines = written()
        .split('\n')
        .filter((line) => line.trim() !== '');
      const complaints = lines.filter((line) => /FATAL|PANIC|error:|HINT/.test(line));
      return (complaints.length > 0 ? complaints : lines).slice(-2).join(' ') || `see ${home.log}`;
    },
    close: () => {
      fs.closeSync(fd);
    },
  };
}

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new PostgresError('There is no free TCP port.');
  return address.port;
}

function withReadableRefusal<T>(folder: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (['EACCES', 'EPERM'].includes(systemErrorCode(cause))) {
      throw new PostgresError(
        `The data folder ${folder} belongs to another user: choose another one or remove it.`,
        {
          cause,
        },
      );
    }
    throw cause;
  }
}
