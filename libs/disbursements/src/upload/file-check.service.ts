import { type Clock, invariant, STROOPS_MAX } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import type { PublishReceivers, PublishWay } from '@libs/receivers';

import { ConnectionTurns } from './connection-turns';
import { bringsAddresses, contactColumnOf } from './instruction-columns.policy';
import { PHONE_MISTAKE } from './instruction.policy';
import { HeldFile } from './held-file';
import { linesOf, type NumberedLine } from './instruction-lines';
import { bytesOf, type InstructionsFile } from './instructions-file';
import { LineMistakes } from './line-mistakes';
import { UnreadableFileError, UploadRefusedError } from './upload.errors';
import { refusalOf, refused } from './upload-refusals';
import { ROWS_ANSWERED_AT_ONCE, type UploadProgress } from './upload-progress';
import { type StageOptions, UploadStage } from './upload-stage.repository';
import type { UploadsRepository, UploadTarget } from './uploads.repository';

const UNREADABLE = 'could not parse csv file';

/** Where the parts of a file are kept; null for one that is not there. */
export type ReadPart = (tx: TenantTx, part: number) => Promise<Uint8Array | null>;

export interface FileToCheck {
  readonly target: UploadTarget;
  readonly file: InstructionsFile;
  readonly read: ReadPart;
  readonly progress: UploadProgress;
  /** Whether what was copied goes with the database transaction, or lasts until the session ends. */
  readonly lasts: 'transaction' | 'session';
}

/** A file that was copied, its people matched. */
export interface StagedFile {
  readonly stage: UploadStage;
  readonly way: PublishWay;
  /** Those of its lines, each looked at alone. */
  readonly mistakes: LineMistakes;
}

/** What a file comes to that may be published. */
export interface RightFile {
  readonly stage: UploadStage;
  readonly way: PublishWay;
  readonly rows: number;
  /** In stroops. */
  readonly amount: bigint;
}

/** A file while it is read. */
interface OpenFile {
  /** To be read once, to their end or not at all. */
  readonly lines: () => AsyncIterable<NumberedLine>;
  readonly mistakes: LineMistakes;
  readonly options: StageOptions;
}

/** Reads a file into the TEMP table of its connection and finds what is wrong with it. Writes nothing else. */
export class FileCheck {
  constructor(
    private readonly uploads: UploadsRepository,
    private readonly receivers: PublishReceivers,
    private readonly clock: Clock,
    /** Keys the hashes of verification values. */
    private readonly pepper: Uint8Array,
  ) {}

  /**
   * Throws `UploadRefusedError` when anything is wrong with the file. Of one whose answer somebody waits for nothing is copied
   * before all of it is known to be right: most of what is wrong is found there, and a copy costs more than the reading.
   */
  async check(tx: TenantTx, file: FileToCheck): Promise<RightFile> {
    if (file.file.lines > ROWS_ANSWERED_AT_ONCE + 1) {
      const staged = await this.copy(tx, file);
      return { ...staged, ...(await this.judge(tx, staged)) };
    }
    const way = wayOf(file.target);
    return await this.reading(tx, file, async ({ lines, mistakes, options }) => {
      const held = heldOf(file) ?? (await hold(file, lines(), mistakes));
      await this.judgeHeld(tx, file, held);
      const stage = await UploadStage.fill(tx, held.lines, options);
      await this.receivers.match(tx, way);
      return { stage, way, ...(await this.total(tx, stage, way)) };
    });
  }

  /**
   * The same for a file that was read while it came, as far as its lines tell: with nothing but a look at the numbers that no
   * telephone has. Says nothing of any other file.
   */
  async checkHeld(tx: TenantTx, file: FileToCheck): Promise<void> {
    const held = heldOf(file);
    if (held !== null) await this.judgeHeld(tx, file, held);
  }

  private async judgeHeld(tx: TenantTx, { progress }: FileToCheck, held: HeldFile): Promise<void> {
    progress.takeOver(held.progress);
    const mistakes = held.judge(await this.receivers.knownNumbers(tx, held.strangeNumbers));
    if (mistakes.count > 0) throw refused(UNREADABLE, mistakes.toExtras());
  }

  /** Throws `UploadRefusedError` when the bytes are no table, or more of one than the organisation may send. */
  async copy(tx: TenantTx, file: FileToCheck): Promise<StagedFile> {
    const way = wayOf(file.target);
    return await this.reading(tx, file, async ({ lines, mistakes, options }) => {
      const stage = await UploadStage.fill(tx, lines(), options);
      await this.receivers.match(tx, way);
      return { stage, way, mistakes };
    });
  }

  private async reading<T>(
    tx: TenantTx,
    { target, file, read, progress, lasts }: FileToCheck,
    work: (open: OpenFile) => Promise<T>,
  ): Promise<T> {
    const mistakes = new LineMistakes();
    const { rowsMax } = await this.uploads.limits(tx);
    const { verificationField: field } = target;
    const withContact = field !== null && (await this.receivers.asksForContactHmac(tx, field));
    const turns = new ConnectionTurns();
    const { encoding } = file;
    const today = this.clock.now();
    const lines = (): AsyncIterable<NumberedLine> => {
      progress.restart();
      const bytes = bytesOf(file.parts, (part) =>
        turns.take(async () => {
          const gzipped = await read(tx, part);
          invariant(gzipped !== null, 'the parts of a file are kept until its upload has ended');
          return gzipped;
        }),
      );
      return linesOf(bytes, { encoding, kind: target, rowsMax, mistakes, today, progress });
    };
    const options = { kind: target, secrets: { pepper: this.pepper, withContact }, turns, lasts };
    try {
      return await work({ lines, mistakes, options });
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      throw refused(UNREADABLE, { file: 'could not parse file', details: error.details });
    } finally {
      // Also when the file turned out to be unreadable: what reads ahead must leave the connection before it rolls back.
      await turns.idle();
    }
  }

  /** Throws `UploadRefusedError` when anything is wrong with the file. Returns what it comes to. */
  async judge(
    tx: TenantTx,
    { stage, way, mistakes }: StagedFile,
  ): Promise<{ readonly rows: number; readonly amount: bigint }> {
    await stage.findDuplicates(mistakes);
    if (way.contact === 'phone_number') {
      await stage.findUnknownNumbers((line) => mistakes.add(line, 'phone', PHONE_MISTAKE));
    }
    if (mistakes.count > 0) throw refused(UNREADABLE, mistakes.toExtras());
    return await this.total(tx, stage, way);
  }

  /** Of a file in which no line is wrong by itself. Throws `UploadRefusedError` when it is wrong as a whole. */
  private async total(
    tx: TenantTx,
    stage: UploadStage,
    way: PublishWay,
  ): Promise<{ readonly rows: number; readonly amount: bigint }> {
    const totals = await stage.totals();
    if (totals.rows === 0) throw refused(UNREADABLE, { instructions: 'no valid instructions found' });
    if (totals.amount > STROOPS_MAX) {
      throw refused(UNREADABLE, { instructions: 'the sum of all amounts is more than the ledger can hold' });
    }
    const conflict = await this.receivers.conflict(tx, way);
    if (conflict !== null) throw new UploadRefusedError(refusalOf(conflict));
    return totals;
  }
}

/** As it was read while it came, for the disbursement as it is now; null when it has to be read from its parts. */
function heldOf({ file, target }: FileToCheck): HeldFile | null {
  const { held } = file;
  const isSame =
    held?.kind.contactType === target.contactType && held.kind.verificationField === target.verificationField;
  return isSame ? held : null;
}

async function hold(
  { target, progress }: FileToCheck,
  lines: AsyncIterable<NumberedLine>,
  mistakes: LineMistakes,
): Promise<HeldFile> {
  const held = new HeldFile(target, { mistakes, progress });
  for await (const line of lines) held.add(line);
  return held;
}

export const wayOf = (target: UploadTarget): PublishWay => ({
  contact: contactColumnOf(target) === 'phone' ? 'phone_number' : 'email',
  walletId: target.walletId,
  verificationField: bringsAddresses(target) ? null : target.verificationField,
  knownAddresses: bringsAddresses(target),
});

export function openTarget(target: UploadTarget | null): UploadTarget {
  if (target === null) throw refused('disbursement ID is invalid');
  if (target.status !== 'DRAFT' && target.status !== 'READY') {
    throw refused('disbursement is not in draft or ready status');
  }
  return target;
}
