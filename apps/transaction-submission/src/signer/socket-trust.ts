import { lstat } from 'node:fs/promises';
import path from 'node:path';

const OTHERS = 0o077;

interface Seen {
  readonly uid: number;
  readonly mode: number;
}

/** What is wrong with a file or folder that only `uid` may reach; null when nothing is. */
function problemOf(what: string, name: string, { uid, mode }: Seen, expected: number): string | null {
  if (uid !== expected) {
    return `${what} ${name} belongs to user ${String(uid)}, not to ${String(expected)}: it cannot be trusted`;
  }
  if ((mode & OTHERS) !== 0) {
    return `${what} ${name} can be reached by other users (mode ${(mode & 0o777).toString(8)}): chmod go-rwx it`;
  }
  return null;
}

const ownUid = (): number => process.getuid?.() ?? -1;

/**
 * Why the folder of a socket cannot be trusted; null when only `uid` can enter it. A socket is as safe as its folder: whoever
 * cannot enter it can neither connect nor put another socket in its place.
 */
export async function folderProblem(socket: string, uid = ownUid()): Promise<string | null> {
  const folder = path.dirname(path.resolve(socket));
  const seen = await lstat(folder);
  if (!seen.isDirectory()) return `${folder} is not a folder`;
  return problemOf('the folder', folder, seen, uid);
}

/** The same for the folder and the socket itself. Rejects when there is none. */
export async function socketProblem(socket: string, uid = ownUid()): Promise<string | null> {
  const inFolder = await folderProblem(socket, uid);
  if (inFolder !== null) return inFolder;
  const seen = await lstat(socket);
  if (!seen.isSocket()) return `${socket} is not a socket`;
  return problemOf('the socket', socket, seen, uid);
}
