import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { PostgresError } from './postgres.errors';
import { canWalkTo, type UnprivilegedUser, unprivilegedUser } from './unprivileged-user';

/** Where one embedded PostgreSQL keeps everything it writes. */
export interface Home {
  readonly folder: string;
  readonly cluster: string;
  readonly log: string;
  readonly owner: string;
}

/**
 * The folder that was asked for, or, when the unprivileged user cannot get there (a checkout below a home
 * with mode 0700), a folder outside whose name is derived from it, so that the next start finds it again.
 */
export function openHome(dataFolder: string, user: UnprivilegedUser | undefined): Home {
  fs.mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const folder = user === undefined || canWalkToParent(user, dataFolder) ? dataFolder : outside(dataFolder);
  if (folder !== dataFolder) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user !== undefined) fs.chownSync(folder, user.uid, user.gid);
  fs.chmodSync(folder, 0o700);
  return homeIn(folder);
}

/** The same place without making or changing anything; undefined when there is nothing. */
export function findHome(dataFolder: string, user: UnprivilegedUser | undefined): Home | undefined {
  if (!fs.existsSync(dataFolder)) return undefined;
  const folder = user === undefined || canWalkToParent(user, dataFolder) ? dataFolder : outside(dataFolder);
  return fs.existsSync(folder) ? homeIn(folder) : undefined;
}

/** Removes everything that embedded PostgreSQL wrote for this data folder. It must be stopped. */
export function erasePostgres(dataFolder: string): void {
  const user = unprivilegedUser();
  if (user !== undefined && fs.existsSync(dataFolder) && !canWalkToParent(user, dataFolder)) {
    fs.rmSync(outside(dataFolder), { recursive: true, force: true });
  }
  fs.rmSync(dataFolder, { recursive: true, force: true });
}

/** A folder of ours that every user can reach and only we can write. */
export function reachableFolder(): string {
  const candidates = [
    '/var/lib/distributary',
    '/var/tmp/distributary',
    path.join(os.tmpdir(), 'distributary'),
  ];
  for (const folder of candidates) {
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
      fs.accessSync(folder, fs.constants.W_OK);
      if (isOursAlone(folder)) return folder;
    } catch {
      // This place is read-only or somebody else's: the next one may do.
    }
  }
  throw new PostgresError(
    `PostgreSQL must not run as root and no folder can be made that another user can reach (tried ${candidates.join(', ')}): set DATABASE_URL.`,
  );
}

function homeIn(folder: string): Home {
  return {
    folder,
    cluster: path.join(folder, 'cluster'),
    log: path.join(folder, 'postgres.log'),
    owner: path.join(folder, 'owner.json'),
  };
}

function canWalkToParent(user: UnprivilegedUser, dataFolder: string): boolean {
  return canWalkTo(user, path.dirname(fs.realpathSync(dataFolder)));
}

function outside(dataFolder: string): string {
  const digest = createHash('sha256').update(fs.realpathSync(dataFolder)).digest('hex').slice(0, 16);
  return path.join(reachableFolder(), digest);
}

function isOursAlone(folder: string): boolean {
  const { uid, mode } = fs.lstatSync(folder);
  fs.chmodSync(folder, mode | 0o055);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}
