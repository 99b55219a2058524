import type { Clock } from '@libs/kernel';
import type { TenantContext, TenantSession } from '@libs/persistence';
import { PublishReceivers } from '@libs/receivers';

import { FileCheck, openTarget, type ReadPart, type StagedFile } from './file-check.service';
import type { InstructionsFile } from './instructions-file';
import { type TrialFigures, TrialFiguresReadModel } from './trial-figures.read-model';
import { UploadRefusedError, type UploadRefusal } from './upload.errors';
import { UploadProgress } from './upload-progress';
import type { UploadsRepository } from './uploads.repository';

/** A file of a million rows takes longer than any other statement may. */
const TIMEOUT_MS = 600_000;
const DAY_MS = 86_400_000;

export interface TrialOrder {
  readonly disbursementId: string;
  readonly file: InstructionsFile;
  readonly read: ReadPart;
  /** Who was paid in the last so many days is counted. */
  readonly paidWithinDays: number;
}

export interface Trial {
  /** What the answer to an upload would be; null when it would be published. */
  readonly refusal: UploadRefusal | null;
  readonly progress: UploadProgress;
  /** Null for a file of which not every line could be looked at. */
  readonly figures: TrialFigures | null;
}

/** Tells what an upload of a file would do. Only TEMP tables are written. */
export class UploadTrial {
  private readonly figures = new TrialFiguresReadModel();
  private readonly files: FileCheck;

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly clock: Clock,
    /** Keys the hashes of verification values. */
    pepper: Uint8Array,
  ) {
    this.files = new FileCheck(uploads, new PublishReceivers(), clock, pepper);
  }

  /** Throws `UploadRefusedError` when the disbursement takes no file. */
  async run(session: TenantSession, context: TenantContext, order: TrialOrder): Promise<Trial> {
    return await session.run(context, async (tx) => {
      await tx.takeTime(TIMEOUT_MS);
      const { disbursementId, file, read, paidWithinDays } = order;
      const target = openTarget(await this.uploads.target(tx, disbursementId, 'look'));
      const progress = new UploadProgress();
      const refusals: UploadRefusal[] = [];
      const refusing = async <T>(work: Promise<T>): Promise<T | null> => {
        try {
          return await work;
        } catch (error) {
          if (!(error instanceof UploadRefusedError)) throw error;
          refusals.push(error.refusal);
          return null;
        }
      };
      const staged: StagedFile | null = await refusing(
        this.files.copy(tx, { target, file, read, progress, lasts: 'transaction' }),
      );
      if (staged === null) return { refusal: refusals[0] ?? null, progress, figures: null };
      await refusing(this.files.judge(tx, staged));
      const paidSince = new Date(this.clock.now().getTime() - paidWithinDays * DAY_MS);
      const figures = await this.figures.read(tx, { disbursementId, paidSince });
      return { refusal: refusals[0] ?? null, progress, figures };
    });
  }
}
