import { type Clock, isId } from '@libs/kernel';
import type { TenantContext, TenantSession, TenantTx } from '@libs/persistence';
import { type ContactRange, EVERYBODY, PublishReceivers, type PublishWay } from '@libs/receivers';

import { DisbursementMoves } from '../disbursement-moves.repository';
import { FileCheck, openTarget, type ReadPart } from './file-check.service';
import type { InstructionsFile } from './instructions-file';
import { PublishPayments } from './publish-payments.repository';
import { UploadLostError, UploadRefusedError } from './upload.errors';
import { refusalOf } from './upload-refusals';
import type { UploadProgress } from './upload-progress';
import type { UploadStores } from './upload-stores';
import type { UploadTarget } from './uploads.repository';

/** A file of a million rows takes longer than any other statement may. */
const PUBLISH_TIMEOUT_MS = 600_000;
/** How many people arrive in one database transaction: some 100 ms of work, which is how long others wait for its locks. */
const PEOPLE_AT_ONCE = 2_000;

export interface PublishOrder {
  readonly disbursementId: string;
  readonly file: InstructionsFile;
  readonly progress: UploadProgress;
}

/** An upload that has a job of its own. */
export interface UploadRun {
  readonly order: PublishOrder;
  /** Of whom it is published for. What `beforeCommit` writes comes with the publication, once. */
  readonly context: TenantContext;
  /** Wraps the publication in its database transaction; whatever it does not call is not published. */
  readonly publication: (tx: TenantTx, publish: () => Promise<void>) => Promise<void>;
}

interface CheckedFile {
  readonly way: PublishWay;
  readonly target: UploadTarget;
  readonly rows: number;
  readonly total: bigint;
  readonly ranges: readonly ContactRange[];
}

/**
 * Publishes the file of a disbursement that was received whole (`receiveFile`).
 *
 * `run(session, …)` does it for a file of any size: until the whole file is checked, only a TEMP table is written and no row
 * is locked; then its people arrive by thousands, each in a database transaction of its own; then one database transaction
 * adds the payments, which nobody sees and nobody waits for, and as its last steps replaces the payments of the file before
 * and points the disbursement to the new one. Whatever dies on the way leaves the file before as it was, and people who are
 * swept.
 *
 * `publish(tx, …)` does all of it inside the caller's database transaction: for a file that comes with its disbursement.
 *
 * Both throw `UploadRefusedError` when the file is refused: let that leave the database transaction, so that nothing stays,
 * and answer its `refusal`.
 */
export class InstructionsUpload {
  private readonly moves = new DisbursementMoves();
  private readonly receivers = new PublishReceivers();
  private readonly payments = new PublishPayments();
  private readonly files: FileCheck;

  /** `pepper` keys the hashes of verification values. */
  constructor(
    private readonly stores: UploadStores,
    clock: Clock,
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

  async publish(tx: TenantTx, order: PublishOrder): Promise<void> {
    await tx.takeTime(PUBLISH_TIMEOUT_MS);
    const checked = await this.check(tx, order, 'transaction');
    await this.receivers.arrive(tx, checked.way, this.arrivalOf(order.file), EVERYBODY);
    await this.flip(tx, order.file, checked);
    await this.receivers.inviteAgain(tx, EVERYBODY);
  }

  async run(session: TenantSession, { order, context, publication }: UploadRun): Promise<void> {
    const { file, disbursementId } = order;
    const { jobs } = this.stores;
    const quiet: TenantContext = { ...context, beforeCommit: undefined };
    // Nothing of it counts without the publication, whose commit waits for the disk; what has to be done after it is found again.
    const step = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> =>
      session.run(quiet, async (tx) => {
        await tx.commitWithoutDisk();
        return await work(tx);
      });
    await step(async (tx) => mustLive(await jobs.check(tx, file.uploadId, file.name)));
    const checked = await step(async (tx) => {
      await tx.takeTime(PUBLISH_TIMEOUT_MS);
      return await this.check(tx, order, 'session');
    });
    await step(async (tx) => mustLive(await jobs.publish(tx, file.uploadId)));
    const arrival = this.arrivalOf(file);
    for (const range of checked.ranges) {
      await step(async (tx) => {
        mustLive(await jobs.holdPublishing(tx, file.uploadId));
        await this.receivers.arrive(tx, checked.way, arrival, range);
      });
    }
    const isPublished = await session.run(context, async (tx) => {
      await tx.takeTime(PUBLISH_TIMEOUT_MS);
      const published: string[] = [];
      await publication(tx, async () => {
        await this.flip(tx, file, checked);
        mustLive(await jobs.published(tx, file.uploadId, { invitesAgain: true, progress: order.progress }));
        published.push(file.uploadId);
      });
      return published.length > 0;
    });
    if (!isPublished) throw new UploadLostError(`the upload for ${disbursementId} was not published`);
    for (const range of checked.ranges) {
      await step((tx) => this.receivers.inviteAgain(tx, range));
    }
    await step((tx) => jobs.settle(tx, file.uploadId));
  }

  private arrivalOf({ uploadId }: InstructionsFile): {
    uploadId: string;
    others: (tx: TenantTx) => Promise<readonly string[]>;
  } {
    return { uploadId, others: (tx) => this.stores.jobs.unpublished(tx, uploadId) };
  }

  /** Copies and checks the whole file. Throws when anything is wrong with it. */
  private async check(
    tx: TenantTx,
    { disbursementId, file, progress }: PublishOrder,
    lasts: 'transaction' | 'session',
  ): Promise<CheckedFile> {
    const target = await this.target(tx, disbursementId);
    const read: ReadPart = (reader, part) => this.stores.parts.read(reader, file.uploadId, part);
    const { stage, way, rows, amount } = await this.files.check(tx, { target, file, read, progress, lasts });
    const ranges = lasts === 'session' ? await stage.ranges(PEOPLE_AT_ONCE) : [EVERYBODY];
    return { way, target, rows, total: amount, ranges };
  }

  /** Publishes what is checked and whose people are there. The disbursement's pointer flips last. */
  private async flip(tx: TenantTx, file: InstructionsFile, checked: CheckedFile): Promise<void> {
    const { target, way, rows, total } = checked;
    const { id, fileName } = target;
    await this.payments.add(tx, target, file.uploadId);
    const conflict = await this.receivers.change(tx, way);
    if (conflict !== null) throw new UploadRefusedError(refusalOf(conflict));
    const differences =
      fileName === null
        ? null
        : await this.payments.differences(tx, { disbursementId: id, fileName }, file.uploadId);
    const gone = fileName === null ? [] : await this.payments.removeOthers(tx, id, file.uploadId);
    openTarget(await this.stores.uploads.target(tx, id, 'lock'));
    await this.payments.count(tx, id, { rows, total, gone });
    await this.stores.uploads.replace(tx, id, { file, rows, total, differences });
    await this.moves.move(tx, 'upload', id);
  }
}

function mustLive(lives: boolean): void {
  if (!lives)
    throw new UploadLostError('the upload was given up, because nothing was heard of it for too long');
}
