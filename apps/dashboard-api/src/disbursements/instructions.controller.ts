import { InstructionsUpload, unzipped, UploadsRepository } from '@libs/disbursements';
import { HttpProblem, IdempotencyKeysRepository, idempotentRequestOf } from '@libs/http';
import { isId } from '@libs/kernel';
import { type Logger, withTrace } from '@libs/observability';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';

import { type Caller, CurrentCaller } from '../access/caller';
import { LOGGER } from '../platform.module';
import { answeringRefusals } from './refused-upload';
import { readInstructionsForm } from './instructions-form';

/** The file of people that a disbursement pays. */
@Controller('disbursements/:id/instructions')
export class InstructionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly uploads: UploadsRepository,
    private readonly upload: InstructionsUpload,
    private readonly answers: IdempotencyKeysRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post()
  @HttpCode(200)
  async replace(
    @CurrentCaller() { context }: Caller,
    @Param('id') disbursementId: string,
    @Req() request: Request,
  ): Promise<unknown> {
    const { bytesMax } = await answeringRefusals(
      this.unitOfWork.run(context, async (tx) => {
        // A repeated request gets its answer again, also when the disbursement has started meanwhile.
        if (request.headers['idempotency-key'] === undefined) await this.upload.target(tx, disbursementId);
        return await this.uploads.limits(tx);
      }),
    );
    const { file } = await readInstructionsForm(request, bytesMax);
    const asked = idempotentRequestOf(request, context.actor, { file: file.sha256, name: file.name });
    const answer = await answeringRefusals(
      this.unitOfWork.run(context, (tx) =>
        this.answers.once(tx, asked, async () => {
          await this.upload.publish(tx, { disbursementId, file });
          return { status: 200, body: { message: 'File uploaded successfully' } };
        }),
      ),
    );
    withTrace(context, () => {
      this.logger.info({ disbursementId, bytes: file.sizeBytes }, 'a file of people was published');
    });
    return answer.body;
  }

  @Get()
  async show(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const stored = isId(id) ? await this.unitOfWork.run(context, (tx) => this.uploads.current(tx, id)) : null;
    if (stored === null) throw new HttpProblem(404, { error: `disbursement ${id} has no instructions file` });
    response.attachment(stored.name);
    // Not of this host's making: nobody may take it for anything but a table.
    response.setHeader('Content-Type', 'text/csv');
    await pipeline(unzipped(stored.gzipped), response);
  }
}
