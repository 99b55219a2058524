import {
  ComingParts,
  type ExpectedFile,
  type InstructionsFile,
  InstructionsUpload,
  type PublishOrder,
  ROWS_ANSWERED_AT_ONCE,
  type Step,
  UPLOAD_BEAT_MS,
  UploadProgress,
  type UploadRefusal,
  UploadRefusedError,
  type UploadRun,
  uploadStep,
  UploadStores,
  type UploadTarget,
} from '@libs/disbursements';
import { type Answer, HttpProblem, type IdempotentRequest, IdempotencyKeysRepository } from '@libs/http';
import { invariant, isId, newId } from '@libs/kernel';
import { withTrace } from '@libs/observability';
import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { noteFile } from './file-note';
import { type InstructionsForm, readInstructionsForm } from './instructions-form';
import { UploadProcess } from './upload-process';
import { UploadSweep } from './upload-sweep.service';
import { isLargeFile, UploadSlots } from './upload-slots';

/** An upload while this process receives and publishes it. */
export interface OpenUpload {
  readonly id: string;
  readonly disbursementId: string;
  /** Writes nothing into the audit log: what an upload does is told once, when it is published. */
  readonly context: TenantContext;
  readonly progress: UploadProgress;
  readonly parts: ComingParts;
  /** Frees its places. */
  readonly close: () => void;
  /** To be done when it closes. */
  readonly whenClosed: (free: () => void) => void;
}

/** What is known of a file before it comes. */
export interface AskedFile {
  readonly bytesMax: number;
  /** Null where its disbursement is made with it: what it has to hold is told behind it. */
  readonly expected: ExpectedFile | null;
}

/** An upload whose file is here. */
export interface ReceivedUpload {
  readonly upload: OpenUpload;
  readonly file: InstructionsFile;
  /** What its publication is written down for. */
  readonly caller: TenantContext;
}

interface Answered {
  readonly answer: Answer;
  /** The request had it before, and nothing was published for this one. */
  readonly isKept: boolean;
}

const FILE_BUSY =
  'another file is being uploaded for this disbursement: wait until that one has ended, GET /disbursements/{id}/upload tells when';

/** Receives files and publishes them: the work of one upload from its first byte to its end. */
@Injectable()
export class UploadDesk {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly slots: UploadSlots,
    private readonly stores: UploadStores,
    private readonly upload: InstructionsUpload,
    private readonly answers: IdempotencyKeysRepository,
    private readonly sweep: UploadSweep,
    private readonly process: UploadProcess,
  ) {}

  /**
   * Takes a place for an upload, then has a `look` at what may come. Throws the 503 when there is none, before it asks the database
   * for anything, what `look` throws, and the 409 when another file for the disbursement is under way. Whoever opens it brings it to its end: `publish`, or `drop`.
   */
  async open<T>(
    caller: TenantContext,
    disbursementId: string,
    look: (tx: TenantTx) => Promise<T>,
  ): Promise<{ readonly upload: OpenUpload; readonly found: T }> {
    const context: TenantContext = { ...caller, beforeCommit: undefined };
    const leave = this.slots.enter(context.tenantId);
    const progress = new UploadProgress();
    const id = newId();
    const parts = new ComingParts(id, this.stores.parts);
    const found = await this.step(context, async (tx) => {
      const mayCome = await look(tx);
      const isClaimed = await this.stores.jobs.claim(tx, { id, disbursementId });
      if (!isClaimed) throw new HttpProblem(409, { error: FILE_BUSY });
      return mayCome;
    }).catch((error: unknown) => {
      leave();
      throw error;
    });
    const leaving = [leave];
    const beat = setInterval(() => {
      this.step(context, (tx) => this.stores.jobs.beat(tx, id, progress))
        // The next one may come through; without any the upload is given up, and cannot be published.
        .catch(() => undefined);
    }, UPLOAD_BEAT_MS);
    const close = (): void => {
      clearInterval(beat);
      for (const free of leaving.splice(0)) free();
    };
    const whenClosed = (free: () => void): void => void leaving.push(free);
    return { upload: { id, disbursementId, context, progress, parts, close, whenClosed }, found };
  }

  /** Before the upload is answered or published: either waits for the disk. */
  private async step<T>(context: TenantContext, work: (tx: TenantTx) => Promise<T>): Promise<T> {
    return await this.unitOfWork.run(context, uploadStep(work));
  }

  /** Reads the form, and keeps the parts of its file as they come. */
  async receive(upload: OpenUpload, request: Request, asked: AskedFile): Promise<InstructionsForm> {
    const { id, context, progress, parts } = upload;
    const step: Step = (work) => this.step(context, work);
    return await readInstructionsForm(request, {
      bytesMax: asked.bytesMax,
      stallMs: this.process.stallMs,
      uploadId: id,
      received: (bytes) => (progress.bytesReceived += bytes),
      expected: this.expectedOf(upload, request, asked),
      keep: (part, gzipped) => parts.take(step, part, gzipped),
    });
  }

  /** Null where the file is not read while it comes. */
  private expectedOf(
    { whenClosed }: OpenUpload,
    { headers }: Request,
    { expected }: AskedFile,
  ): ExpectedFile | null {
    if (expected === null) return null;
    const free = this.slots.readEarly(Number(headers['content-length'] ?? Infinity));
    if (free === null) return null;
    whenClosed(free);
    return expected;
  }

  /**
   * Reads a form of which nothing is kept, to tell whether the same came before, and does `work` with it: in a place among
   * the uploads like any other. Throws the 503 when there is none.
   */
  async look<T>(
    { tenantId }: TenantContext,
    { request, bytesMax }: { readonly request: Request; readonly bytesMax: number },
    work: (form: InstructionsForm) => Promise<T>,
  ): Promise<T> {
    const leave = this.slots.enter(tenantId);
    try {
      const form = await readInstructionsForm(request, {
        bytesMax,
        stallMs: this.process.stallMs,
        uploadId: newId(),
        keep: async () => await Promise.resolve(),
      });
      return await work(form);
    } finally {
      leave();
    }
  }

  async isActive(context: TenantContext, disbursementId: string): Promise<boolean> {
    if (!isId(disbursementId)) return false;
    return await this.unitOfWork.run(context, (tx) => this.stores.jobs.isActive(tx, disbursementId));
  }

  /** Ends an upload of which nothing came. */
  async drop({ id, context, close }: OpenUpload): Promise<void> {
    close();
    await this.unitOfWork.run(context, (tx) => this.stores.jobs.drop(tx, id));
  }

  /** Does `work` when there is a place among the uploads that hold a database connection. */
  private async inTurn<T>(
    { context }: OpenUpload,
    file: InstructionsFile,
    work: () => Promise<T>,
  ): Promise<T> {
    const isLarge = isLargeFile(file.sizeBytes, file.lines);
    return await this.slots.work({ tenantId: context.tenantId, isLarge }, work);
  }

  /**
   * Publishes a received file, and answers: with `published` when that is done, or with `accepted` as soon as there are more
   * rows than anybody waits for; it goes on then. Throws `UploadRefusedError`.
   */
  async publish(
    given: ReceivedUpload,
    asked: IdempotentRequest,
    answersFor: { readonly published: () => Answer; readonly accepted: Answer },
  ): Promise<Answer> {
    const { progress, context } = given.upload;
    const accepted = progress.isLarge.then(() =>
      this.unitOfWork.run(context, (tx) => this.once(tx, asked, () => Promise.resolve(answersFor.accepted))),
    );
    accepted.catch(() => undefined);
    const published = this.answered(given, async (tx, publish) => {
      if (progress.rowsRead <= ROWS_ANSWERED_AT_ONCE) {
        return await this.once(tx, asked, async () => {
          await publish();
          return answersFor.published();
        });
      }
      const answered = await accepted;
      if (!answered.isKept) await publish();
      return answered;
    });
    published.catch(() => undefined);
    return await Promise.race([published, accepted.then(({ answer }) => answer)]);
  }

  /**
   * Publishes a received file of a disbursement that is made with it, by `make`: it calls `publish` when the disbursement is there,
   * which asks of its file what `made` says, and answers. Nothing of either stays when it fails. Throws `UploadRefusedError`.
   */
  async publishWith(
    given: ReceivedUpload,
    made: UploadTarget,
    asked: IdempotentRequest,
    make: (tx: TenantTx, publish: () => Promise<void>) => Promise<Answer>,
  ): Promise<Answer> {
    return await this.answered(given, (tx, publish) => this.once(tx, asked, () => make(tx, publish)), made);
  }

  /** Runs the publication; its answer counts once that is committed, or where the request had it before. */
  private async answered(
    given: ReceivedUpload,
    publication: (tx: TenantTx, publish: () => Promise<void>) => Promise<Answered>,
    made: UploadTarget | null = null,
  ): Promise<Answer> {
    const ended: Answered[] = [];
    const run = async (tx: TenantTx, publish: () => Promise<void>): Promise<void> => {
      ended.length = 0;
      ended.push(await publication(tx, publish));
    };
    await this.run(given, run, made).catch((error: unknown) => {
      if (ended[0]?.isKept !== true) throw error;
    });
    invariant(ended[0] !== undefined, 'a publication has an answer');
    return ended[0].answer;
  }

  private async once(tx: TenantTx, asked: IdempotentRequest, work: () => Promise<Answer>): Promise<Answered> {
    let isKept = true;
    const answer = await this.answers.once(tx, asked, async () => {
      isKept = false;
      return await work();
    });
    return { answer, isKept };
  }

  /** Publishes a received file whose answer was given. */
  goOn(given: ReceivedUpload): void {
    // Its end is written down with the upload.
    this.run(given, (_tx, publish) => publish()).catch(() => undefined);
  }

  private async run(
    { upload, file, caller }: ReceivedUpload,
    publication: UploadRun['publication'],
    made: UploadTarget | null = null,
  ): Promise<void> {
    const { disbursementId, progress, context } = upload;
    const order = { disbursementId, file, progress, made };
    const told: UploadRun['publication'] = (tx, publish) =>
      publication(tx, async () => {
        const target = await this.stores.uploads.target(tx, disbursementId, 'look');
        await publish();
        noteFile(tx, disbursementId, { file, rows: progress.rowsValid, before: target?.fileName ?? null });
      });
    const left: UploadRun['left'] = (error) => {
      withTrace(context, () => {
        this.process.logger.error(
          { err: error, disbursementId, uploadId: upload.id },
          'what is left to do after a publication is left to the clock',
        );
      });
    };
    const refused = await this.finish(upload, order, async () => {
      const known = await this.unitOfWork.run(context, (tx) => this.upload.begin(tx, order, upload.parts));
      if (known !== null) return known;
      await this.inTurn(upload, file, () =>
        this.unitOfWork.session((session) =>
          this.upload.run(session, { order, context: caller, publication: told, left }),
        ),
      );
      return null;
    });
    if (refused !== null) throw refused;
  }

  /**
   * Whatever the end of the work is, it is written down, and what is left of it is swept. `work` returns why the file is refused where
   * it has written that down.
   */
  private async finish(
    upload: OpenUpload,
    order: PublishOrder,
    work: () => Promise<UploadRefusedError | null>,
  ): Promise<UploadRefusedError | null> {
    const { id, context, progress, disbursementId } = upload;
    const { file } = order;
    const tell = (level: 'info' | 'error', message: string, more: object = {}): void => {
      const { sizeBytes: bytes } = file;
      withTrace(context, () => {
        this.process.logger[level](
          { disbursementId, uploadId: id, bytes, rows: progress.rowsRead, ...more },
          message,
        );
      });
    };
    try {
      const refused = await work();
      if (refused === null) tell('info', 'a file of people was published');
      return refused;
    } catch (error) {
      const refusal = error instanceof UploadRefusedError ? error.refusal : null;
      if (refusal === null) tell('error', 'an upload was lost', { err: error });
      // Where not even this can be written, the clock finds the upload by its silence.
      await this.cleanUp(upload, order, refusal).catch((problem: unknown) =>
        tell('error', 'an upload could not be cleaned up yet', { err: problem }),
      );
      throw error;
    } finally {
      upload.close();
    }
  }

  private async cleanUp(
    { id, context }: OpenUpload,
    order: PublishOrder,
    refusal: UploadRefusal | null,
  ): Promise<void> {
    const isSettled = await this.unitOfWork.run(context, async (tx) => {
      if (refusal !== null) return await this.upload.refuse(tx, order, refusal);
      await this.stores.jobs.lose(tx, id);
      // Behind the job's lock: a publication whose commit was on its way is seen.
      await this.stores.parts.remove(tx, id);
      return false;
    });
    if (!isSettled) await this.sweep.settle({ tenantId: context.tenantId, id });
  }
}
