import fs from 'node:fs';
import path from 'node:path';

const LOG_BYTES_MAX = 20_000_000;
const TAIL_BYTES = 64_000;

/**
 * The file that a child writes to by itself, so that nothing is lost or slowed down when the supervisor is busy.
 *
 * It is opened for appending: when it has grown too large it is copied away and cut while the child goes on writing.
 */
export class LogFile {
  readonly file: string;
  private startedAt = 0;

  constructor(folder: string, name: string) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.file = path.join(folder, `${name}.log`);
  }

  /** A descriptor for the child; close it after the child was spawned. */
  open(): number {
    this.cutWhenLarge();
    const descriptor = fs.openSync(this.file, 'a', 0o600);
    this.startedAt = fs.fstatSync(descriptor).size;
    return descriptor;
  }

  cutWhenLarge(): void {
    const size = fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= LOG_BYTES_MAX) return;
    fs.copyFileSync(this.file, `${this.file}.1`);
    fs.truncateSync(this.file);
    this.startedAt = 0;
  }

  /** The last lines since the child was started. */
  tail(lines: number): string {
    const size = fs.statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    const from = Math.max(this.startedAt, size - TAIL_BYTES);
    const descriptor = fs.openSync(this.file, 'r');
    try {
      const bytes = Buffer.alloc(Math.max(0, size - from));
      fs.readSync(descriptor, bytes, 0, bytes.length, from);
      return bytes.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } finally {
      fs.closeSync(descriptor);
    }
  }
}
