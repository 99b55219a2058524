import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { errorCode } from './error-code';

/** What tells two processes with the same id apart, where the system shows it. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the time of birth is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One process at a time writes to a data folder. The lock of a process that died does not count. */
export class FolderLock {
  private constructor(private readonly path: string) {}

  static take(folder: string): FolderLock {
    const path = join(folder, 'lock');
    const mine = `${String(process.pid)} ${birthOf(process.pid)}`;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
        return new FolderLock(path);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
        const [pid = '', birth = ''] = readFileSync(path, 'utf8').split(' ');
        const holder = Number(pid);
        if (holder > 0 && isAlive(holder) && birth === birthOf(holder)) {
          throw new Error(`another sandbox (process ${pid}) uses the folder ${folder}`, { cause: error });
        }
        rmSync(path, { force: true });
      }
    }
    throw new Error(`another sandbox has just taken the folder ${folder}`);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}
