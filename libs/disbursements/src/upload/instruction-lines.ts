import type { Readable } from 'node:stream';

import { csvRecords } from './csv-records';
import type { Encoding, Separator } from './file-format';
import { type ColumnPlaces, type FileKind, readHeader } from './instruction-columns.policy';
import { InstructionReader, type ReadLine } from './instruction.policy';
import type { Mistakes } from './line-mistakes';
import { UnreadableFileError } from './upload.errors';
import type { UploadProgress } from './upload-progress';
import { refused } from './upload-refusals';

/** The header is the first line. */
const FIRST_LINE = 2;

export interface Reading {
  readonly encoding: Encoding;
  readonly kind: FileKind;
  readonly rowsMax: number;
  readonly mistakes: Mistakes;
  readonly today: Date;
  readonly progress: UploadProgress;
  /** Told the cells of the header, before the first line comes. */
  readonly header?: ((cells: readonly string[]) => void) | undefined;
}

export interface NumberedLine extends ReadLine {
  readonly line: number;
  /** Trimmed, as they stand in the file. */
  readonly cells: readonly string[];
}

/** Reads the header, then line by line. A line is numbered as a person counts them who opens the file as a table. */
export async function* linesOf(
  bytes: Readable,
  { encoding, kind, rowsMax, mistakes, today, progress, header }: Reading,
): AsyncGenerator<NumberedLine> {
  let reader: InstructionReader | null = null;
  let rows = 0;
  const told = (separator: Separator): void => {
    progress.format = { encoding, separator };
  };
  for await (const cells of csvRecords(bytes, encoding, told)) {
    if (reader === null) {
      reader = new InstructionReader(kind, placesOf(cells, kind), mistakes, today);
      header?.(cells);
      continue;
    }
    rows += 1;
    if (rows > rowsMax) {
      if (mistakes.count > 0) throw refused('could not parse csv file', mistakes.toExtras());
      throw refused(`number of instructions exceeds maximum of ${String(rowsMax)}`);
    }
    const line = rows - 1 + FIRST_LINE;
    const read = reader.read(line, cells);
    progress.add(read.instruction === null);
    yield { line, cells, contact: read.contact, instruction: read.instruction };
  }
  if (reader === null) throw new UnreadableFileError('The file is empty.');
}

function placesOf(header: readonly string[], kind: FileKind): ColumnPlaces {
  const places = readHeader(header, kind);
  if (places.ok) return places.value;
  throw refused(places.error);
}
