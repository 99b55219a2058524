import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { DamagedRecord } from './field-reader';

/** A line of text with its checksum in front, so that a torn or damaged one is recognised. */
export const checkedLine = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;

function contentOf(line: string): string | null {
  const text = line.slice(9);
  return line[8] === ' ' && crc32(text).toString(16).padStart(8, '0') === line.slice(0, 8) ? text : null;
}

export interface ReadLines {
  readonly lines: readonly string[];
  /** How many bytes of the file are good; what follows is the rest of a write that was interrupted. */
  readonly goodBytes: number;
}

/**
 * Reads the good lines of a file. Only its end may be bad, where a write was cut off; anything bad before that is
 * damage, which nobody should go on from.
 */
export async function readCheckedLines(path: string): Promise<ReadLines> {
  const file = await open(path, 'r');
  try {
    const content = await file.readFile();
    const lines: string[] = [];
    let start = 0;
    for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, start)) {
      const text = contentOf(content.toString('utf8', start, end));
      if (text === null) {
        if (content.indexOf(10, end + 1) === -1) break;
        throw new DamagedRecord(`${path} is damaged at byte ${String(start)}`);
      }
      lines.push(text);
      start = end + 1;
    }
    return { lines, goodBytes: start };
  } finally {
    await file.close();
  }
}

/** Writes a new file so that it is there as a whole or not at all. */
export async function syncFolder(path: string): Promise<void> {
  const folder: FileHandle = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
