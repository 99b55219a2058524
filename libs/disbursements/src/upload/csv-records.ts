import { isUtf8 } from 'node:buffer';
import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import { finished } from 'node:stream/promises';

import { CsvError, type CsvErrorCode, parse, type Parser } from 'csv-parse';

import { type Encoding, type Separator, separatorOf, wholeCharacters } from './file-format';
import { UnreadableFileError } from './upload.errors';

/** The longest record that is held in memory. Without a bound an unclosed quote would be the rest of the file. */
const RECORD_BYTES_MAX = 65_536;
const SAVE_AS = 'Save it as "CSV UTF-8 (comma delimited)" and upload it again.';
/** A character of UTF-8 has at most four bytes, so at most three of them may wait for the next chunk. */
const UTF8_REST_MAX = 3;
/** Enough to see a mark of UTF-16 or of an archive. */
const START_BYTES = 4;

/**
 * The records of a CSV file as arrays of trimmed cells: commas, semicolons or tabs, double quotes, any line ends, with or
 * without BOM. `told` hears what separates the cells before the first record comes. Fails with `UnreadableFileError` when
 * the bytes are something else than text in the encoding.
 */
export async function* csvRecords(
  bytes: Readable,
  encoding: Encoding = 'utf-8',
  told: (separator: Separator) => void = () => undefined,
): AsyncGenerator<readonly string[]> {
  yield* withReasons(await parserOf(bytes, encoding, told));
}

/**
 * Calls `take` with each of the same records as soon as it is parsed, and resolves behind the last one: of what is small enough to
 * be held, as nobody can make it wait. Half the turns of an iteration. Fails with what `take` throws, or as `csvRecords` does.
 */
export async function eachCsvRecord(
  bytes: Readable,
  told: (separator: Separator) => void,
  take: (cells: readonly string[]) => void,
): Promise<void> {
  const parser = await parserOf(bytes, 'utf-8', told);
  parser.on('data', (cells: readonly string[]) => {
    try {
      take(cells);
    } catch (error) {
      parser.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await finished(parser).catch((error: unknown) => {
    throw withReason(error);
  });
}

async function parserOf(
  bytes: Readable,
  encoding: Encoding,
  told: (separator: Separator) => void,
): Promise<Parser> {
  const text = new TextOnly();
  // Whatever fails or stops first ends the others, and whoever iterates is told why.
  if (encoding === 'utf-8') pipeline(bytes, text, () => undefined);
  else pipeline(bytes, new InUtf8(encoding), text, () => undefined);
  const chunks: AsyncIterator<Buffer> = text[Symbol.asyncIterator]();
  const head = await headOf(chunks);
  const separator = separatorOf(firstLineOf(head));
  told(separator);
  const parser = parse({
    bom: true,
    trim: true,
    delimiter: separator,
    // The longest first: the end of a line is never taken apart.
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: RECORD_BYTES_MAX,
  });
  pipeline(Readable.from(after(head, chunks), { objectMode: false }), parser, () => text.destroy());
  return parser;
}

/** The first bytes, with the first line that says anything when it is not longer than a record may be. */
async function headOf(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length <= RECORD_BYTES_MAX && !hasWholeLine(head.toString('utf8'))) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

/** In two steps: one pattern for both would go over a long line again from each of its characters. */
function hasWholeLine(text: string): boolean {
  const begin = text.search(/[^\s\uFEFF]/);
  return begin >= 0 && /[\r\n]/.test(text.slice(begin));
}

const firstLineOf = (head: Buffer): string =>
  head
    .toString('utf8')
    .split(/[\r\n]+/)
    .find((line) => line.trim() !== '') ?? '';

async function* after(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

async function* withReasons(records: AsyncIterable<readonly string[]>): AsyncGenerator<readonly string[]> {
  try {
    yield* records;
  } catch (error) {
    throw withReason(error);
  }
}

const withReason = (error: unknown): unknown =>
  error instanceof CsvError ? new UnreadableFileError(reasonOf(error)) : error;

/** Turns another encoding into UTF-8. */
class InUtf8 extends Transform {
  private readonly decoder;

  constructor(private readonly encoding: Encoding) {
    super();
    this.decoder = new TextDecoder(encoding, { fatal: true });
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.pass(() => this.decoder.decode(chunk, { stream: true }), done);
  }

  override _flush(done: TransformCallback): void {
    this.pass(() => this.decoder.decode(), done);
  }

  private pass(decode: () => string, done: TransformCallback): void {
    try {
      done(null, Buffer.from(decode(), 'utf8'));
    } catch {
      const name = this.encoding.toUpperCase();
      done(
        new UnreadableFileError(`The file begins as ${name} text and goes on as something else. ${SAVE_AS}`),
      );
    }
  }
}

const REASONS: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'A cell goes on behind its closing quote',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'A cell goes on behind its closing quote',
  INVALID_OPENING_QUOTE: 'A quote stands inside a cell that is not in quotes',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'A line has another number of cells than the header',
  CSV_MAX_RECORD_SIZE: `A line is longer than ${String(RECORD_BYTES_MAX)} bytes, or a quote is never closed`,
};

function reasonOf(error: CsvError): string {
  const line = typeof error['lines'] === 'number' ? ` near line ${String(error['lines'])}` : '';
  return `${REASONS[error.code] ?? 'The file is not valid CSV'}${line}.`;
}

/** Passes UTF-8 text on and refuses everything else, before any of it is taken for cells. */
class TextOnly extends Transform {
  /** The first bytes, until there are enough of them to see what kind of file it is; null afterwards. */
  private start: Buffer | null = Buffer.alloc(0);
  private rest: Uint8Array = new Uint8Array(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.start === null) {
      this.pass(chunk, done);
      return;
    }
    this.start = Buffer.concat([this.start, chunk]);
    if (this.start.length < START_BYTES) done();
    else this.begin(this.start, done);
  }

  override _flush(done: TransformCallback): void {
    const end = (error?: Error | null, last?: unknown): void => {
      if (last !== undefined) this.push(last);
      const isWhole = this.rest.length === 0;
      done(error ?? (isWhole ? null : new UnreadableFileError(`The file is not UTF-8 text. ${SAVE_AS}`)));
    };
    if (this.start === null) end();
    else this.begin(this.start, end);
  }

  private begin(start: Buffer, done: TransformCallback): void {
    this.start = null;
    const mistake = containerMistake(start);
    if (mistake === null) this.pass(start, done);
    else done(new UnreadableFileError(mistake));
  }

  private pass(chunk: Buffer, done: TransformCallback): void {
    const mistake = this.textMistake(chunk);
    if (mistake === null) done(null, chunk);
    else done(new UnreadableFileError(mistake));
  }

  private textMistake(chunk: Buffer): string | null {
    if (chunk.includes(0)) return `The file holds NUL bytes, so it is not CSV text. ${SAVE_AS}`;
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const whole = wholeCharacters(bytes);
    this.rest = bytes.subarray(whole);
    const isText = this.rest.length <= UTF8_REST_MAX && isUtf8(bytes.subarray(0, whole));
    return isText ? null : `The file is not UTF-8 text. ${SAVE_AS}`;
  }
}

function containerMistake(start: Uint8Array): string | null {
  const [first, second] = start;
  if (first === 0x50 && second === 0x4b)
    return `The file is an Excel workbook or a zip archive, not CSV text. ${SAVE_AS}`;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const looksUtf16 = start.length > 1 && (first === 0) !== (second === 0);
  return isUtf16 || looksUtf16 ? `The file is UTF-16 text. ${SAVE_AS}` : null;
}
