import { randomUUID } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
} from 'node:fs/promises';
import { join } from 'node:path';

import type { LedgerHeader } from '../engine/ledger-header';
import type { LedgerState } from '../engine/ledger-state';
import type { ClosedLedger } from '../engine/network';
import { checkedLine, readCheckedLines, syncFolder } from './checked-lines';
import { errorCode } from './error-code';
import { DamagedRecord, FieldReader } from './field-reader';
import { FolderLock } from './folder-lock';
import { readLedger, storeLedger } from './ledger-codec';
import { readSnapshot, type Snapshot, writeSnapshot } from './state-snapshot';

/** What a network's first ledger is made from. */
export interface Founding {
  readonly passphrase: string;
  readonly salt: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly capacity: number;
}

export interface StoreLimits {
  /** A new file is begun, with a snapshot, after so many ledgers … */
  readonly segmentLedgers: number;
  /** … or bytes. */
  readonly segmentBytes: number;
  /** Older ledgers are forgotten, a whole file at a time. */
  readonly ledgersKept: number;
  /** The same for the size of all files of ledgers together. */
  readonly bytesKept: number;
}

export const STORE_LIMITS: StoreLimits = {
  segmentLedgers: 5000,
  segmentBytes: 32 * 1024 * 1024,
  ledgersKept: 120_000,
  bytesKept: 768 * 1024 * 1024,
};

const SEGMENT = /^ledgers-(\d{10})\.log$/;
const SNAPSHOT = /^state-(\d{10})\.log$/;
const numbered = (kind: 'ledgers' | 'state', sequence: number): string =>
  `${kind}-${String(sequence).padStart(10, '0')}.log`;

async function sequencesOf(folder: string, pattern: RegExp): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const sequence = pattern.exec(name)?.[1];
      return sequence === undefined ? [] : [Number(sequence)];
    })
    .sort((a, b) => a - b);
}

async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  const aside = join(folder, `${name}.writing`);
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(folder, name));
  await syncFolder(folder);
}

async function readFounding(folder: string): Promise<Founding | null> {
  let text: string;
  try {
    text = await readFile(join(folder, 'network.json'), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const fields = new FieldReader(JSON.parse(text));
  return {
    passphrase: fields.text(),
    salt: fields.text(),
    startedAt: fields.whole(),
    capacity: fields.whole(),
  };
}

const writeFounding = async (folder: string, founding: Founding): Promise<void> =>
  writeWhole(
    folder,
    'network.json',
    JSON.stringify([founding.passphrase, founding.salt, founding.startedAt, founding.capacity]),
  );

export interface OpenedStore {
  readonly store: LedgerStore;
  readonly founding: Founding;
}

/** Keeps ledgers on disk: files of ledgers to append to, and now and then a snapshot of all entries. */
export class LedgerStore {
  private segment: FileHandle | undefined;
  private segmentLedgers = 0;
  private segmentBytes = 0;
  private snapshotting: Promise<void> = Promise.resolve();

  private constructor(
    private readonly folder: string,
    private readonly lock: FolderLock,
    private readonly limits: StoreLimits,
  ) {}

  /** Opens a folder, or makes it the home of a new network. */
  static async open(
    folder: string,
    wanted: Omit<Founding, 'salt'>,
    limits: StoreLimits = STORE_LIMITS,
  ): Promise<OpenedStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new LedgerStore(folder, FolderLock.take(folder), limits);
    try {
      const found = await readFounding(folder);
      if (found !== null && found.passphrase !== wanted.passphrase) {
        throw new Error(`the folder ${folder} holds another network: "${found.passphrase}"`);
      }
      const founding = found ?? { ...wanted, salt: randomUUID() };
      if (found === null) await writeFounding(folder, founding);
      return { store, founding };
    } catch (error) {
      store.lock.release();
      throw error;
    }
  }

  /** The newest snapshot, from which only newer ledgers need to be applied. */
  async newestSnapshot(): Promise<Snapshot | null> {
    const sequence = (await sequencesOf(this.folder, SNAPSHOT)).at(-1);
    return sequence === undefined ? null : readSnapshot(join(this.folder, numbered('state', sequence)));
  }

  /** All ledgers that are kept, in order. Cuts off what an interrupted write left behind. */
  async replay(networkId: Buffer, take: (closed: ClosedLedger) => void): Promise<void> {
    const sequences = await sequencesOf(this.folder, SEGMENT);
    let before: LedgerHeader | null = null;
    for (const [index, sequence] of sequences.entries()) {
      const path = join(this.folder, numbered('ledgers', sequence));
      const { goodBytes, lines } = await readCheckedLines(path);
      for (const line of lines) {
        const closed = readLedger(line, networkId);
        if (before !== null && closed.header.previousHash !== before.hash) {
          throw new DamagedRecord(`${path} does not go on from ledger ${String(before.sequence)}`);
        }
        before = closed.header;
        take(closed);
      }
      if (index !== sequences.length - 1) continue;
      await truncate(path, goodBytes);
      this.segment = await open(path, 'a', 0o600);
      this.segmentLedgers = lines.length;
      this.segmentBytes = goodBytes;
    }
  }

  /** Returns when the ledger is on disk. */
  async append(closed: ClosedLedger): Promise<void> {
    this.segment ??= await this.newSegment(closed.header.sequence);
    const line = checkedLine(storeLedger(closed));
    await this.segment.appendFile(line);
    await this.segment.datasync();
    this.segmentLedgers += 1;
    this.segmentBytes += Buffer.byteLength(line);
  }

  get isSegmentFull(): boolean {
    return this.segmentLedgers >= this.limits.segmentLedgers || this.segmentBytes >= this.limits.segmentBytes;
  }

  /** Begins a new file and, beside the work, writes a snapshot and removes what is too old. */
  async rotate(header: LedgerHeader, state: LedgerState): Promise<void> {
    await this.snapshotting;
    await this.segment?.close();
    this.segment = await this.newSegment(header.sequence + 1);
    const snapshot = { header, state: state.copy() };
    this.snapshotting = this.writeAndTidy(snapshot);
  }

  async close(): Promise<void> {
    await this.snapshotting;
    await this.segment?.close();
    this.lock.release();
  }

  /** Forgets the network and makes room for another. */
  async wipe(next: Omit<Founding, 'salt'>): Promise<Founding> {
    await this.snapshotting;
    await this.segment?.close();
    this.segment = undefined;
    this.segmentLedgers = 0;
    this.segmentBytes = 0;
    // The founding goes first: without it, what is left counts as nothing.
    await rm(join(this.folder, 'network.json'), { force: true });
    await this.removeNumbered(SEGMENT, 'ledgers', () => true);
    await this.removeNumbered(SNAPSHOT, 'state', () => true);
    const founding = { ...next, salt: randomUUID() };
    await writeFounding(this.folder, founding);
    return founding;
  }

  private async newSegment(sequence: number): Promise<FileHandle> {
    const file = await open(join(this.folder, numbered('ledgers', sequence)), 'ax', 0o600);
    await syncFolder(this.folder);
    this.segmentLedgers = 0;
    this.segmentBytes = 0;
    return file;
  }

  private async writeAndTidy(snapshot: Snapshot): Promise<void> {
    const { sequence } = snapshot.header;
    await writeSnapshot(join(this.folder, numbered('state', sequence)), snapshot);
    const first = await this.firstKept(sequence);
    await this.removeNumbered(SEGMENT, 'ledgers', (old) => old < first);
    await this.removeNumbered(SNAPSHOT, 'state', (old) => old < sequence);
  }

  /** The beginning of the oldest file that still holds a ledger to keep. */
  private async firstKept(latest: number): Promise<number> {
    const segments = await sequencesOf(this.folder, SEGMENT);
    // The newest file may be empty yet, so the one before it always stays.
    let first = segments.at(-2) ?? segments.at(-1) ?? 0;
    let bytes = 0;
    for (const sequence of segments.toReversed()) {
      const { size } = await stat(join(this.folder, numbered('ledgers', sequence)));
      bytes += size;
      if (bytes > this.limits.bytesKept) break;
      first = Math.min(first, sequence);
      if (sequence <= latest - this.limits.ledgersKept) break;
    }
    return first;
  }

  private async removeNumbered(
    pattern: RegExp,
    kind: 'ledgers' | 'state',
    isGone: (sequence: number) => boolean,
  ): Promise<void> {
    for (const sequence of await sequencesOf(this.folder, pattern)) {
      if (isGone(sequence)) await rm(join(this.folder, numbered(kind, sequence)), { force: true });
    }
  }
}
