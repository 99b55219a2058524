import { InstructionsUpload, unzipped, UploadRefusedError, UploadsRepository } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';

import { type Caller, CurrentCaller } from '../access/caller';
import { readInstructionsForm } from './instructions-form';

/** The file of people that a disbursement pays. */
@Controller('disbursements/:id/instructions')
export class InstructionsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly uploads: UploadsRepository,
    private readonly upload: InstructionsUpload,
  ) {}

  @Post()
  @HttpCode(200)
  async replace(
    @CurrentCaller() { context }: Caller,
    @Param('id') disbursementId: string,
    @Req() request: Request,
  ): Promise<object> {
    const { bytesMax } = await answering(
      this.unitOfWork.run(context, async (tx) => {
        await this.upload.target(tx, disbursementId);
        return await this.uploads.limits(tx);
      }),
    );
    const { file } = await readInstructionsForm(request, bytesMax);
    await answering(this.unitOfWork.run(context, (tx) => this.upload.publish(tx, { disbursementId, file })));
    return { message: 'File uploaded successfully' };
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

/** Turns the refusal of a file into its answer. */
export async function answering<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UploadRefusedError)) throw error;
    const { status, ...body } = error.refusal;
    throw new HttpProblem(status, body);
  }
}
