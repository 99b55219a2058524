import type { Readable } from 'node:stream';

import { csvRecords } from './csv-records';
import type { Encoding } from './file-format';
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
export async function* linesOf(bytes: Readable, reading: Reading): AsyncGenerator<NumberedLine> {
  const lines = new LineReader(reading);
  for await (const cells of recordsOf(bytes, reading)) {
    const line = lines.read(cells);
    if (line !== null) yield line;
  }
  lines.end();
}

/** The records behind the bytes; the progress knows how they are written before the first one comes. */
const recordsOf = (
  bytes: Readable,
  { encoding, progress }: Pick<Reading, 'encoding' | 'progress'>,
): AsyncGenerator<readonly string[]> =>
  csvRecords(bytes, encoding, (separator) => {
    progress.format = { encoding, separator };
  });

/** The records of one file, one after the other. */
export class LineReader {
  private reader: InstructionReader | null = null;
  private rows = 0;

  constructor(private readonly reading: Reading) {}

  /** Null for the header. Throws `UploadRefusedError` for one that does not fit, and for more rows than may be. */
  read(cells: readonly string[]): NumberedLine | null {
    const { kind, rowsMax, mistakes, today, progress, header } = this.reading;
    if (this.reader === null) {
      const places = placesOf(cells, kind);
      this.reader = new InstructionReader(kind, places, mistakes, today, progress.format?.separator);
      header?.(cells);
      return null;
    }
    this.rows += 1;
    if (this.rows > rowsMax) {
      if (mistakes.count > 0) throw refused('could not parse csv file', mistakes.toExtras());
      throw refused(`number of instructions exceeds maximum of ${String(rowsMax)}`);
    }
    const line = this.rows - 1 + FIRST_LINE;
    const { contact, instruction } = this.reader.read(line, cells);
    progress.add(instruction === null);
    return { line, cells, contact, instruction };
  }

  /** Throws `UnreadableFileError` when there was nothing. */
  end(): void {
    if (this.reader === null) throw new UnreadableFileError('The file is empty.');
  }
}

function placesOf(header: readonly string[], kind: FileKind): ColumnPlaces {
  const places = readHeader(header, kind);
  if (places.ok) return places.value;
  throw refused(places.error);
}
