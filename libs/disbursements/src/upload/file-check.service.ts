import { type Clock, invariant, STROOPS_MAX } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';
import type { PublishReceivers, PublishWay } from '@libs/receivers';

import { ConnectionTurns } from './connection-turns';
import { bringsAddresses, contactColumnOf } from './instruction-columns.policy';
import { PHONE_MISTAKE } from './instruction.policy';
import { linesOf } from './instruction-lines';
import { bytesOf, type InstructionsFile } from './instructions-file';
import { LineMistakes } from './line-mistakes';
import { UnreadableFileError, UploadRefusedError } from './upload.errors';
import { refusalOf, refused } from './upload-refusals';
import type { UploadProgress } from './upload-progress';
import { UploadStage } from './upload-stage.repository';
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

/** Reads a file into the TEMP table of its connection and finds what is wrong with it. Writes nothing else. */
export class FileCheck {
  constructor(
    private readonly uploads: UploadsRepository,
    private readonly receivers: PublishReceivers,
    private readonly clock: Clock,
    /** Keys the hashes of verification values. */
    private readonly pepper: Uint8Array,
  ) {}

  /** Throws `UploadRefusedError` when the bytes are no table, or more of one than the organisation may send. */
  async copy(tx: TenantTx, { target, file, read, progress, lasts }: FileToCheck): Promise<StagedFile> {
    const way = wayOf(target);
    const mistakes = new LineMistakes();
    const { rowsMax } = await this.uploads.limits(tx);
    const { verificationField: field } = target;
    const withContact = field !== null && (await this.receivers.asksForContactHmac(tx, field));
    const turns = new ConnectionTurns();
    const bytes = bytesOf(file.parts, (part) =>
      turns.take(async () => {
        const gzipped = await read(tx, part);
        invariant(gzipped !== null, 'the parts of a file are kept until its upload has ended');
        return gzipped;
      }),
    );
    progress.restart();
    const lines = linesOf(bytes, {
      encoding: file.encoding,
      kind: target,
      rowsMax,
      mistakes,
      today: this.clock.now(),
      progress,
    });
    try {
      const secrets = { pepper: this.pepper, withContact };
      const stage = await UploadStage.fill(tx, lines, { kind: target, secrets, turns, lasts });
      await this.receivers.match(tx, way);
      return { stage, way, mistakes };
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      throw refused(UNREADABLE, { file: 'could not parse file', details: error.details });
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
