import fs from 'node:fs';
import path from 'node:path';

/** The user that PostgreSQL runs as, because PostgreSQL refuses to run as root. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

/** The overflow user ("nobody") exists on every Linux and macOS machine and owns nothing of value. */
const NOBODY: UnprivilegedUser = { uid: 65534, gid: 65534 };

/** Undefined when this process is an ordinary user's: then PostgreSQL runs as that user. */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined;
}

/** Whether the user may walk down to `target` (an existing file or folder) and read and run it. */
export function canReach(user: UnprivilegedUser, target: string): boolean {
  const READ_AND_RUN = 0o5;
  if ((permissionsOf(user, target) & READ_AND_RUN) !== READ_AND_RUN) return false;
  return canWalkTo(user, path.dirname(fs.realpathSync(target)));
}

/** Whether the user may walk down to `folder`, with every folder above it. */
export function canWalkTo(user: UnprivilegedUser, folder: string): boolean {
  const WALK = 0o1;
  for (let current = fs.realpathSync(folder); ; current = path.dirname(current)) {
    if ((permissionsOf(user, current) & WALK) !== WALK) return false;
    if (current === path.dirname(current)) return true;
  }
}

/** The three permission bits of this user, as the kernel picks them: owner, else group, else others. */
function permissionsOf(user: UnprivilegedUser, target: string): number {
  const { mode, uid, gid } = fs.statSync(target);
  if (uid === user.uid) return (mode >> 6) & 0o7;
  if (gid === user.gid) return (mode >> 3) & 0o7;
  return mode & 0o7;
}
