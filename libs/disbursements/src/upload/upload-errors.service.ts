import { csvLine } from '@libs/kernel';
import type { TenantContext, TenantSession, TenantTx, UnitOfWork } from '@libs/persistence';
import { PublishReceivers } from '@libs/receivers';

import { ConnectionTurns } from './connection-turns';
import { wayOf } from './file-check.service';
import { type FileFormat, USUAL_FORMAT } from './file-format';
import { linesOf, type NumberedLine } from './instruction-lines';
import { PHONE_MISTAKE } from './instruction.policy';
import { bytesOf } from './instructions-file';
import { duplicateOf, type LineMistake, type Mistakes, MistakesOfLine, namesLines } from './line-mistakes';
import { mendingOf } from './mending.policy';
import { UploadLostError, UploadRefusedError, type UploadRefusal } from './upload.errors';
import type { UploadJob } from './upload-jobs.repository';
import { UploadProgress } from './upload-progress';
import { UploadStage } from './upload-stage.repository';
import type { UploadStores } from './upload-stores';
import type { UploadTarget } from './uploads.repository';

/** A file of a million rows takes longer than any other statement may. */
const TIMEOUT_MS = 600_000;
/** How much is sent at once. */
const CHUNK_CHARACTERS = 65_536;
/** Spreadsheets take a file without it for one of old Windows. */
const BYTE_ORDER_MARK = '\uFEFF';
const HEADER = ['line', 'what is wrong', 'how to mend it'];

/** A refused upload of which there is more to tell than its refusal. */
export interface RefusedFile {
  readonly job: UploadJob;
  readonly refusal: UploadRefusal;
  readonly target: UploadTarget;
  readonly parts: number;
  readonly rowsMax: number;
}

/** Mistakes that only a look at the whole file shows, in the order of their lines: two columns of numbers. */
export class FoundLines {
  readonly lines: number[] = [];
  /** Where the same contact stood first; 0 for a number that no telephone has. */
  readonly firsts: number[] = [];
}

/**
 * Everything that is wrong in a refused file, as a table to mend and to upload again: made anew from the bytes that are kept,
 * so that nothing of a million wrong lines is stored or in memory.
 */
export class UploadErrors {
  private readonly receivers = new PublishReceivers();

  constructor(private readonly stores: UploadStores) {}

  /** Null when nothing was refused, or the refused file is not kept any more. */
  async find(tx: TenantTx, disbursementId: string, job: UploadJob): Promise<RefusedFile | null> {
    const { refusal } = job;
    if (refusal === null) return null;
    const target = await this.stores.uploads.target(tx, disbursementId, 'look');
    const hasLines = namesLines(refusal.extras);
    const parts = hasLines ? await this.stores.parts.count(tx, job.id) : 0;
    if (target === null || (hasLines && parts === 0)) return null;
    const { rowsMax } = await this.stores.uploads.limits(tx);
    return { job, refusal, target, parts, rowsMax };
  }

  /**
   * Looks for what only the whole file shows: people who are there twice, and numbers that no telephone has. Copies the contacts
   * into a TEMP table of its own. Throws `UploadLostError` when the file was removed meanwhile.
   */
  async look(session: TenantSession, context: TenantContext, file: RefusedFile): Promise<FoundLines> {
    if (file.parts === 0) return new FoundLines();
    return await session.run(context, async (tx) => {
      await tx.takeTime(TIMEOUT_MS);
      const turns = new ConnectionTurns();
      const [duplicates, unknown] = [new FoundLines(), new FoundLines()];
      const mistakes = new MistakesOfLine();
      const lines = this.lines(file, mistakes, (part) => turns.take(() => this.part(tx, file, part)));
      const { target } = file;
      try {
        const stage = await UploadStage.fill(tx, forgetting(lines, mistakes), {
          kind: target,
          secrets: null,
          turns,
          lasts: 'transaction',
        });
        await stage.everyDuplicate((line, first) => {
          duplicates.lines.push(line);
          duplicates.firsts.push(first);
        });
        const way = wayOf(target);
        if (way.contact === 'phone_number') {
          await this.receivers.match(tx, way);
          await stage.findUnknownNumbers((line) => {
            unknown.lines.push(line);
            unknown.firsts.push(0);
          });
        }
      } catch (error) {
        // More rows than may be uploaded: nobody looked at the whole of such a file.
        if (!(error instanceof UploadRefusedError)) throw error;
      }
      return merged(duplicates, unknown);
    });
  }

  /** The table, in pieces. No database connection is held between two of them. */
  async *table(
    unitOfWork: UnitOfWork,
    context: TenantContext,
    file: RefusedFile,
    found: FoundLines,
  ): AsyncGenerator<string> {
    const { separator } = file.job.format ?? USUAL_FORMAT;
    let text = BYTE_ORDER_MARK;
    for await (const cells of this.rows(unitOfWork, context, file, found)) {
      text += csvLine(cells, separator);
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = '';
    }
    yield text;
  }

  private async *rows(
    unitOfWork: UnitOfWork,
    context: TenantContext,
    file: RefusedFile,
    found: FoundLines,
  ): AsyncGenerator<readonly string[]> {
    if (file.parts === 0) {
      yield HEADER;
      yield ofFile(file.refusal);
      return;
    }
    const mistakes = new MistakesOfLine();
    const header: string[] = [];
    const read = (part: number): Promise<Uint8Array> =>
      unitOfWork.run(context, (tx) => this.part(tx, file, part));
    const lines = this.lines(file, mistakes, read, (cells) => header.push(...cells));
    let isFirst = true;
    let at = 0;
    try {
      for await (const { line, cells } of lines) {
        if (isFirst) yield [...HEADER, ...header];
        isFirst = false;
        const told = [...mistakes.take()];
        for (; found.lines[at] === line; at += 1) told.push(mistakeAt(line, found.firsts[at] ?? 0));
        if (told.length > 0) yield [String(line), ...sentencesOf(told), ...cells];
      }
    } catch (error) {
      if (!(error instanceof UploadRefusedError)) throw error;
      yield ofFile(error.refusal);
    }
  }

  private lines(
    { job, target, parts, rowsMax }: RefusedFile,
    mistakes: Mistakes,
    read: (part: number) => Promise<Uint8Array>,
    header?: (cells: readonly string[]) => void,
  ): AsyncGenerator<NumberedLine> {
    const format: FileFormat = job.format ?? USUAL_FORMAT;
    return linesOf(bytesOf(parts, read), {
      encoding: format.encoding,
      kind: target,
      rowsMax,
      mistakes,
      // As it was judged.
      today: job.endedAt ?? new Date(),
      progress: new UploadProgress(),
      header,
    });
  }

  private async part(tx: TenantTx, { job }: RefusedFile, part: number): Promise<Uint8Array> {
    const gzipped = await this.stores.parts.read(tx, job.id, part);
    if (gzipped === null) throw new UploadLostError('the refused file was removed while it was read');
    return gzipped;
  }
}

/** What is wrong in the lines is told when they are read again. */
async function* forgetting(
  lines: AsyncIterable<NumberedLine>,
  mistakes: MistakesOfLine,
): AsyncGenerator<NumberedLine> {
  for await (const line of lines) {
    mistakes.take();
    yield line;
  }
}

/** Both in one, in the order of their lines. */
function merged(one: FoundLines, other: FoundLines): FoundLines {
  if (one.lines.length === 0) return other;
  const all = new FoundLines();
  for (let [a, b] = [0, 0]; a < one.lines.length || b < other.lines.length;) {
    const isOne = (one.lines[a] ?? Infinity) <= (other.lines[b] ?? Infinity);
    const [from, at] = isOne ? [one, a] : [other, b];
    all.lines.push(from.lines[at] ?? 0);
    all.firsts.push(from.firsts[at] ?? 0);
    if (isOne) a += 1;
    else b += 1;
  }
  return all;
}

const mistakeAt = (line: number, first: number): LineMistake =>
  first > 0 ? duplicateOf(line, first) : { line, field: 'phone', text: PHONE_MISTAKE };

/** What is wrong, and how to mend it: a cell each. */
function sentencesOf(mistakes: readonly LineMistake[]): readonly [string, string] {
  const wrong = mistakes.map(({ field, text }) => `${field}: ${text}`);
  const mendings = [...new Set(mistakes.map(mendingOf))].filter((sentence) => sentence !== '');
  return [wrong.join('; '), mendings.join(' ')];
}

/** What is wrong with the file as a whole. */
const ofFile = ({ error, extras = {} }: UploadRefusal): readonly string[] => [
  '',
  [error, ...Object.values(extras)].join(': '),
  'Mend the file and upload it again.',
];
