import os from 'node:os';

const MEBIBYTE = 2 ** 20;
/** PostgreSQL's own default, and what it gains nothing beyond. */
const SHARED_BUFFERS_MIB = { least: 128, most: 8_192 };
/** PostgreSQL shares the machine with the apps, and with the page cache that it reads through. */
const SHARE = 8;

/** What PostgreSQL may keep in memory of a machine, or of the container that limits this process, that has so many bytes. */
export function memorySettings(bytes = memoryHere()): Readonly<Record<string, string>> {
  const share = Math.floor(bytes / SHARE / MEBIBYTE);
  const { least, most } = SHARED_BUFFERS_MIB;
  return { shared_buffers: `${String(Math.min(most, Math.max(least, share)))}MB` };
}

/** A process without a limit is told of one that no machine has, or of none. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(os.totalmem(), limit) : os.totalmem();
}
