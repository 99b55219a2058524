import fs from 'node:fs';
import path from 'node:path';

import { erasePostgres, stopLeftoverPostgres } from '@libs/embedded-postgres';

import { checkoutFolder } from '../supervisor/checkout';
import { SupervisorError } from '../supervisor/supervisor.errors';
import { newSystemKeys, type SystemKeys } from './system-keys';

/** What one installation keeps. Only its owner may read it. */
export interface DataFolder {
  readonly folder: string;
  readonly keys: SystemKeys;
  readonly postgres: string;
  readonly sandbox: string;
  readonly kafka: string;
  readonly logs: string;
  /** Compiled code that Node keeps between starts. */
  readonly compileCache: string;
}

const KEYS_FILE = 'keys.json';
const POSTGRES_FOLDER = 'postgres';

export function dataFolderPath(chosen: string | undefined): string {
  return path.resolve(chosen ?? path.join(checkoutFolder(), '.data'));
}

/** Opens the folder; makes it, and every key, at the first start. */
export function openDataFolder(folder: string): DataFolder {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.chmodSync(folder, 0o700);
  } catch (cause) {
    throw new SupervisorError(
      `The data folder ${folder} cannot be used by this user: choose another one with DATA_DIR.`,
      { cause },
    );
  }
  return {
    folder,
    keys: readOrMakeKeys(folder),
    postgres: path.join(folder, POSTGRES_FOLDER),
    sandbox: path.join(folder, 'sandbox'),
    kafka: path.join(folder, 'kafka'),
    logs: path.join(folder, 'logs'),
    compileCache: path.join(folder, 'compile-cache'),
  };
}

/**
 * Removes everything of an earlier installation.
 *
 * A folder that does not look like one of ours is left alone: DATA_DIR may have been set to somebody's home.
 */
export async function eraseDataFolder(
  folder: string,
  { hasNamedDatabase }: { readonly hasNamedDatabase: boolean },
): Promise<void> {
  if (hasNamedDatabase) {
    throw new SupervisorError(
      '--fresh would remove the keys and keep the database that DATABASE_URL names, which cannot be read without them. ' +
        'Make an empty database, name that one, and use another DATA_DIR.',
    );
  }
  if (!fs.existsSync(folder)) return;
  const names = fs.readdirSync(folder);
  if (names.length > 0 && !names.includes(KEYS_FILE) && !names.includes(POSTGRES_FOLDER)) {
    throw new SupervisorError(
      `${folder} does not look like a data folder of this program: nothing was removed.`,
    );
  }
  const postgres = path.join(folder, POSTGRES_FOLDER);
  if (fs.existsSync(postgres)) {
    if (!(await stopLeftoverPostgres(postgres))) {
      throw new SupervisorError(`The system in ${folder} is running: stop it first.`);
    }
    erasePostgres(postgres);
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

/** The file appears whole or not at all, so that a start that was cut off does not leave half of the keys. */
function readOrMakeKeys(folder: string): SystemKeys {
  const file = path.join(folder, KEYS_FILE);
  if (!fs.existsSync(file)) {
    if (fs.existsSync(path.join(folder, POSTGRES_FOLDER))) {
      throw new SupervisorError(
        `${file} is missing, and without it the data cannot be read: put it back, or start from nothing with --fresh.`,
      );
    }
    const unfinished = `${file}.${String(process.pid)}`;
    fs.writeFileSync(unfinished, JSON.stringify(newSystemKeys(), null, 2), { mode: 0o600 });
    fs.renameSync(unfinished, file);
  }
  fs.chmodSync(file, 0o600);
  // This program wrote it itself.
  return JSON.parse(fs.readFileSync(file, 'utf8')) as SystemKeys;
}
