import os from 'node:os';

/** Who types a command, as it is kept with what the command did: `operator:<name>`. */
export function operatorName(): string {
  try {
    return `operator:${os.userInfo().username}`;
  } catch {
    // A user without an entry in /etc/passwd, as containers have them.
    return `operator:uid-${String(process.getuid?.() ?? 'unknown')}`;
  }
}
