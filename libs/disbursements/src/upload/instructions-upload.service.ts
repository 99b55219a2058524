import { type Clock, isId, LOWEST_ID } from '@libs/kernel';
import type { TenantContext, TenantSession, TenantTx } from '@libs/persistence';
import { type Arrival, type ContactRange, PublishReceivers, type PublishWay } from '@libs/receivers';

import { DisbursementMoves } from '../disbursement-moves.repository';
import type { ComingParts } from './coming-parts';
import type { ExpectedFile } from './early-reading';
import { FileCheck, type FileToCheck, openTarget, type ReadPart } from './file-check.service';
import type { FileDifferences } from './file-differences';
import type { FileKind } from './instruction-columns.policy';
import type { InstructionsFile } from './instructions-file';
import { namesLines } from './line-mistakes';
import { EVERY_LINE, type LineRange, PublishPayments } from './publish-payments.repository';
import { UploadLostError, type UploadRefusal, UploadRefusedError } from './upload.errors';
import { refusalOf } from './upload-refusals';
import type { UploadProgress } from './upload-progress';
import { type Step, uploadStep } from './upload-step';
import type { UploadStores } from './upload-stores';
import type { UploadTarget } from './uploads.repository';

/** A file of a million rows takes longer than any other statement may. */
const PUBLISH_TIMEOUT_MS = 600_000;
/** How many people arrive in one database transaction: some 70 ms of work, which is how long others wait for its locks. */
const PEOPLE_AT_ONCE = 1_000;
/** The same for their payments. */
const PAYMENTS_AT_ONCE = 1_000;

export interface PublishOrder {
  readonly disbursementId: string;
  readonly file: InstructionsFile;
  readonly progress: UploadProgress;
  /** What a disbursement will ask of its file that is made in the publication, before `publish` is called; null for one that is there. */
  readonly made: UploadTarget | null;
}

/** An upload that has a job of its own. */
export interface UploadRun {
  readonly order: PublishOrder;
  /** Of whom it is published for. What `beforeCommit` writes comes with the publication, once. */
  readonly context: TenantContext;
  /** Wraps the publication in its database transaction; whatever it does not call is not published. */
  readonly publication: (tx: TenantTx, publish: () => Promise<void>) => Promise<void>;
  /** Told why something was left to the clock: the file is published, whatever becomes of that. */
  readonly left: (error: unknown) => void;
}

interface CheckedFile {
  readonly way: PublishWay;
  /** As `PublishReceivers.change` asks for. */
  readonly matchedAt: string;
  readonly target: UploadTarget;
  readonly rows: number;
  readonly total: bigint;
  readonly ranges: readonly ContactRange[];
  readonly lines: readonly LineRange[];
}

/**
 * Publishes the file of a disbursement that was received whole (`receiveFile`), of any size: until the whole file is checked,
 * only a TEMP table is written and no row is locked; then its people and its payments arrive by thousands, hidden, each
 * thousands in a database transaction of their own; then one points the disbursement to the new file, from whose commit on
 * everybody sees that and nobody the one before. Whatever dies on the way leaves the file before as it was, or the new one. What
 * nobody sees, be it left on the way or replaced, the clock sweeps: nobody waits for it.
 *
 * The payments of a disbursement that comes with its file are added as it is made: nobody sees or waits for either before.
 */
export class InstructionsUpload {
  private readonly moves = new DisbursementMoves();
  private readonly receivers = new PublishReceivers();
  private readonly payments = new PublishPayments();
  private readonly files: FileCheck;

  /** `pepper` keys the hashes of verification values. */
  constructor(
    private readonly stores: UploadStores,
    private readonly clock: Clock,
    pepper: Uint8Array,
  ) {
    this.files = new FileCheck(stores.uploads, this.receivers, clock, pepper);
  }

  /** What the disbursement asks of a file, before one is received. Throws `UploadRefusedError` when it takes none. */
  async target(tx: TenantTx, disbursementId: string): Promise<UploadTarget> {
    return openTarget(
      isId(disbursementId) ? await this.stores.uploads.target(tx, disbursementId, 'look') : null,
    );
  }

  /** What to read the disbursement's file for while it comes. */
  expected(kind: FileKind, rowsMax: number): ExpectedFile {
    return { kind, rowsMax, today: this.clock.now() };
  }

  /**
   * Keeps the rest of a file that is here, to `run` its upload then. Returns why it is refused where what was read of it while it came
   * tells that: all of that is written down, and nothing is left to do.
   */
  async begin(tx: TenantTx, order: PublishOrder, parts: ComingParts): Promise<UploadRefusedError | null> {
    const { jobs } = this.stores;
    const { uploadId, name } = order.file;
    const refusal = await this.refusalOfHeld(tx, order);
    await parts.keepLast(tx);
    await jobs.forgetBefore(tx, uploadId);
    if (refusal !== null) {
      mustLive(await this.refuse(tx, order, refusal.refusal));
      return refusal;
    }
    await tx.commitWithoutDisk();
    mustLive(await jobs.check(tx, uploadId, name));
    return null;
  }

  /** As `UploadJobsRepository.refuse`; nothing is kept of a file in which no line is wrong. */
  async refuse(tx: TenantTx, { file, progress }: PublishOrder, refusal: UploadRefusal): Promise<boolean> {
    const { uploadId, name } = file;
    const isSettled = await this.stores.jobs.refuse(tx, { id: uploadId, fileName: name, refusal }, progress);
    // Behind the job's lock: a publication whose commit was on its way is seen.
    if (!namesLines(refusal.extras)) await this.stores.parts.remove(tx, uploadId);
    return isSettled;
  }

  /** Throws `UploadRefusedError` when the file is refused: answer its `refusal`. */
  async run(session: TenantSession, { order, context, publication, left }: UploadRun): Promise<void> {
    const { file, disbursementId } = order;
    const { jobs } = this.stores;
    const quiet: TenantContext = { ...context, beforeCommit: undefined };
    const step: Step = (work) => session.run(quiet, uploadStep(work));
    const checked = await step(async (tx) => {
      await tx.takeTime(PUBLISH_TIMEOUT_MS);
      return await this.check(tx, order);
    });
    await this.arrive(step, order, checked);
    const differences = await step((tx) => this.differences(tx, file, checked));
    const published: string[] = [];
    await session.run(context, async (tx) => {
      await tx.takeTime(PUBLISH_TIMEOUT_MS);
      published.length = 0;
      await publication(tx, async () => {
        if (order.made !== null) await this.payments.add(tx, order.made, file.uploadId, EVERY_LINE);
        await this.flip(tx, file, checked, differences);
        mustLive(await jobs.published(tx, file.uploadId, order.progress));
        published.push(file.uploadId);
      });
    });
    if (published.length === 0)
      throw new UploadLostError(`the upload for ${disbursementId} was not published`);
    await this.follow(step, file, checked).catch(left);
  }

  /** What is left to do for the people of a published file. */
  private async follow(step: Step, { uploadId }: InstructionsFile, { ranges }: CheckedFile): Promise<void> {
    const { addresses, values } = this.receivers;
    await byPieces(step, (tx, after) => addresses.foldSome(tx, uploadId, after));
    for (const range of ranges) {
      await step((tx) => this.receivers.inviteAgain(tx, range));
    }
    await byPieces(step, (tx, after) => values.foldSome(tx, uploadId, after));
    await step((tx) => this.stores.jobs.settle(tx, uploadId));
  }

  /** Brings the people, and the payments of a disbursement that is there, which nobody sees yet. */
  private async arrive(step: Step, { file, made }: PublishOrder, checked: CheckedFile): Promise<void> {
    const { jobs, hidden } = this.stores;
    const { uploadId } = file;
    await step(async (tx) => {
      mustLive(await jobs.publish(tx, uploadId));
      if (made === null) await hidden.hideArriving(tx, uploadId, checked.target.id);
    });
    const arrival: Arrival = { uploadId, others: (tx) => jobs.unpublished(tx, uploadId) };
    const held: Step = (work) =>
      step(async (tx) => {
        mustLive(await jobs.holdPublishing(tx, uploadId));
        return await work(tx);
      });
    for (const range of checked.ranges)
      await held((tx) => this.receivers.arrive(tx, checked.way, arrival, range));
    if (made !== null) return;
    for (const lines of checked.lines)
      await held((tx) => this.payments.add(tx, checked.target, uploadId, lines));
  }

  /** Null for a first file. Nothing of it changes before the publication, as one file of a disbursement comes at a time. */
  private async differences(
    tx: TenantTx,
    { uploadId }: InstructionsFile,
    { target: { id, fileName } }: CheckedFile,
  ): Promise<FileDifferences | null> {
    if (fileName === null) return null;
    await tx.takeTime(PUBLISH_TIMEOUT_MS);
    return await this.payments.differences(tx, { disbursementId: id, fileName }, uploadId);
  }

  /** Why a file that was read while it came is refused, before anything is got ready for a copy; null when that is not known yet. */
  private async refusalOfHeld(tx: TenantTx, order: PublishOrder): Promise<UploadRefusedError | null> {
    if (order.file.held === null) return null;
    try {
      await this.files.checkHeld(tx, await this.toCheck(tx, order));
      return null;
    } catch (error) {
      if (error instanceof UploadRefusedError) return error;
      throw error;
    }
  }

  private async toCheck(
    tx: TenantTx,
    { disbursementId, file, progress, made }: PublishOrder,
  ): Promise<FileToCheck> {
    const read: ReadPart = (reader, part) => this.stores.parts.read(reader, file.uploadId, part);
    return {
      target: made ?? (await this.target(tx, disbursementId)),
      file,
      read,
      progress,
      lasts: 'session',
    };
  }

  /** Copies and checks the whole file. Throws when anything is wrong with it. */
  private async check(tx: TenantTx, order: PublishOrder): Promise<CheckedFile> {
    const file = await this.toCheck(tx, order);
    const begin = await tx.queryOne<{ at: string }>('SELECT now()::text AS at');
    const { stage, way, rows, amount } = await this.files.check(tx, file);
    const ranges = await stage.ranges(PEOPLE_AT_ONCE);
    const lines = await stage.lineRanges(PAYMENTS_AT_ONCE);
    const matchedAt = begin?.at ?? '-infinity';
    return { way, matchedAt, target: file.target, rows, total: amount, ranges, lines };
  }

  /** Publishes what is checked, and whose people and payments are there, in the place of the file before. */
  private async flip(
    tx: TenantTx,
    file: InstructionsFile,
    { target: { id }, way, matchedAt, rows, total }: CheckedFile,
    differences: FileDifferences | null,
  ): Promise<void> {
    const conflict = await this.receivers.change(tx, way, { uploadId: file.uploadId, matchedAt });
    if (conflict !== null) throw new UploadRefusedError(refusalOf(conflict));
    const target = openTarget(await this.stores.uploads.target(tx, id, 'lock'));
    await this.payments.count(tx, id, { rows, total });
    await this.stores.hidden.showInstead(tx, file.uploadId, {
      uploadId: target.uploadId,
      disbursementId: id,
    });
    await this.stores.uploads.replace(tx, id, { file, rows, total, differences });
    await this.moves.move(tx, 'upload', id);
  }
}

/** Each piece in a database transaction of its own, which tells where the next one begins. Whatever dies in between is done again. */
async function byPieces(
  step: Step,
  work: (tx: TenantTx, after: string) => Promise<string | null>,
): Promise<void> {
  let last: string | null = LOWEST_ID;
  while (last !== null) {
    const after: string = last;
    last = await step((tx) => work(tx, after));
  }
}

function mustLive(lives: boolean): void {
  if (!lives)
    throw new UploadLostError('the upload was given up, because nothing was heard of it for too long');
}
