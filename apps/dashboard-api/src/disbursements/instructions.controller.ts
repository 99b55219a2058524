import {
  bytesOf,
  type FileFormat,
  InstructionsUpload,
  type StoredFile,
  unzipped,
  UploadStores,
} from '@libs/disbursements';
import {
  type Answer,
  HttpProblem,
  type IdempotentRequest,
  IdempotencyKeysRepository,
  idempotentRequestOf,
} from '@libs/http';
import { onlyLooking } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantContext, type TenantTx, UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { type Caller, CurrentCaller, idempotencyOwnerOf } from '../access/caller';
import { DryRun, readDryRunQuery } from './dry-run.service';
import { answeringRefusals } from './refused-upload';
import { type AskedFile, type OpenUpload, UploadDesk } from './upload-desk.service';
import { unusualFormatJson } from './upload-json';

const publishedAs = (format: FileFormat | null) => ({
  status: 200,
  body: { message: 'File uploaded successfully', ...unusualFormatJson(format) },
});
const acceptedFor = (disbursementId: string, uploadId: string) => ({
  status: 202,
  body: {
    message: `The file is large: it is being checked and published. GET /disbursements/${disbursementId}/upload tells how far it is.`,
    upload_id: uploadId,
  },
});
const REPEAT_PATIENCE_MS = 60_000;
const REPEAT_LOOK_MS = 200;

/** The file of people that a disbursement pays. */
@Controller('disbursements/:id/instructions')
export class InstructionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: UploadStores,
    private readonly upload: InstructionsUpload,
    private readonly desk: UploadDesk,
    private readonly answers: IdempotencyKeysRepository,
    private readonly dryRun: DryRun,
  ) {}

  @Post()
  async replace(
    @CurrentCaller() caller: Caller,
    @Param('id') disbursementId: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const { context } = caller;
    const dryRun = readDryRunQuery(request.query);
    if (dryRun !== null) {
      response.status(200);
      return await answeringRefusals(this.dryRun.run(context, disbursementId, request, dryRun));
    }
    const mayRepeat = request.headers['idempotency-key'] !== undefined;
    let open: OpenUpload;
    let asked: AskedFile;
    try {
      const opening = this.desk.open(context, disbursementId, (tx) => this.askedFile(tx, disbursementId));
      ({ upload: open, found: asked } = await answeringRefusals(opening));
    } catch (problem) {
      // A repeated request gets its answer again, also while the first one goes on, or when the disbursement has started.
      if (!mayRepeat || !(problem instanceof HttpProblem) || problem.status === 503) throw problem;
      return await this.repeated({ caller, disbursementId, request, response }, problem);
    }
    const answer = await answeringRefusals(this.publish(open, caller, request, asked));
    if (answer.status === 202) response.setHeader('Location', `/disbursements/${disbursementId}/upload`);
    response.status(answer.status);
    return answer.body;
  }

  @Get()
  async show(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const stored = isId(id)
      ? await this.unitOfWork.run(context, (tx) => this.stores.uploads.current(tx, id))
      : null;
    if (stored === null) throw new HttpProblem(404, { error: `disbursement ${id} has no instructions file` });
    const bytes = await this.bytesOf(context, stored);
    response.attachment(stored.name);
    // Not of this host's making: nobody may take it for anything but a table.
    response.setHeader('Content-Type', 'text/csv');
    await pipeline(bytes, response);
  }

  /** What may be uploaded, and for what. Throws `UploadRefusedError` when nothing may. */
  private async askedFile(tx: TenantTx, disbursementId: string): Promise<AskedFile> {
    const { bytesMax, rowsMax } = await this.stores.uploads.limits(tx);
    const kind = await this.upload.target(tx, disbursementId);
    return { bytesMax, expected: this.upload.expected(kind, rowsMax) };
  }

  private async publish(
    open: OpenUpload,
    caller: Caller,
    request: Request,
    expected: AskedFile,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    let file;
    let asked;
    try {
      ({ file } = await this.desk.receive(open, request, expected));
      asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), {
        file: file.sha256,
        name: file.name,
      });
      const before = await this.answerOf(open.context, asked);
      if (before !== null) {
        await this.desk.drop(open);
        return before;
      }
    } catch (error) {
      await this.desk.drop(open);
      throw error;
    }
    const answers = {
      published: () => publishedAs(open.progress.format),
      accepted: acceptedFor(open.disbursementId, open.id),
    };
    return await this.desk.publish({ upload: open, file, caller: caller.context }, asked, answers);
  }

  /** The answer that the request had before; `problem` when there is none, after the first one has ended. */
  private async repeated(
    again: {
      readonly caller: Caller;
      readonly disbursementId: string;
      readonly request: Request;
      readonly response: Response;
    },
    problem: HttpProblem,
  ): Promise<unknown> {
    const { caller, disbursementId, request, response } = again;
    const { context } = caller;
    const { bytesMax } = await this.unitOfWork.run(onlyLooking(context), (tx) =>
      this.stores.uploads.limits(tx),
    );
    const answer = await this.desk.look(context, { request, bytesMax }, async ({ file }) => {
      const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), {
        file: file.sha256,
        name: file.name,
      });
      return await this.answerBefore({ ...context, beforeCommit: undefined }, disbursementId, asked);
    });
    if (answer === null) throw problem;
    response.status(answer.status);
    return answer.body;
  }

  /** Without a key nobody can have asked before. */
  private async answerOf(context: TenantContext, asked: IdempotentRequest): Promise<Answer | null> {
    if (asked.key === null) return null;
    return await this.unitOfWork.run(context, (tx) => this.answers.find(tx, asked));
  }

  /** Waits for the first one while it goes on. */
  private async answerBefore(
    context: TenantContext,
    disbursementId: string,
    asked: IdempotentRequest,
  ): Promise<Answer | null> {
    for (const until = performance.now() + REPEAT_PATIENCE_MS; ;) {
      const isActive = await this.desk.isActive(context, disbursementId);
      const answer = await this.answerOf(context, asked);
      if (answer !== null || !isActive || performance.now() > until) return answer;
      await new Promise((resolve) => setTimeout(resolve, REPEAT_LOOK_MS));
    }
  }

  /**
   * A part at a time, and no database connection for who reads slowly. The first one is opened before there is an answer: of a
   * file whose key is not here that says so, where a cut connection would say nothing.
   */
  private async bytesOf(context: TenantContext, { gzipped, parts, uploadId }: StoredFile): Promise<Readable> {
    if (gzipped !== null) return unzipped(gzipped);
    const read = async (part: number): Promise<Uint8Array> => {
      const bytes = await this.unitOfWork.run(context, (tx) => this.stores.parts.read(tx, uploadId, part));
      if (bytes === null) throw new Error('the file was replaced while it was read');
      return bytes;
    };
    const first = await read(0);
    return bytesOf(parts, async (part) => (part === 0 ? first : await read(part)));
  }
}
