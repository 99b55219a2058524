import { UploadErrors, type UploadJob, UploadLostError, UploadStores } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { type Caller, CurrentCaller } from '../access/caller';
import { hasEnded } from './upload-json';
import { isLargeFile, UploadSlots } from './upload-slots';

/** A client that takes nothing for so long is gone. */
const STALLED_MS = 60_000;

const problem = (status: number, error: string): HttpProblem => new HttpProblem(status, { error });
const gone = (): HttpProblem =>
  problem(410, 'The refused file is not kept any more. Upload it again to see what is wrong in it.');

/** All that is wrong in the newest file of a disbursement. */
@Controller('disbursements/:id/upload/errors')
export class UploadErrorsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: UploadStores,
    private readonly errors: UploadErrors,
    private readonly slots: UploadSlots,
  ) {}

  @Get()
  async download(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Res() response: Response,
  ): Promise<void> {
    const job = await this.refused(context, id);
    const file = await this.unitOfWork.run(context, (tx) => this.errors.find(tx, id, job));
    if (file === null) throw gone();
    const leave = this.slots.enter(context.tenantId);
    try {
      const who = { tenantId: context.tenantId, isLarge: isLargeFile(Number(job.bytesReceived)) };
      const found = await this.slots
        .work(who, () => this.unitOfWork.session((session) => this.errors.look(session, context, file)))
        .catch((error: unknown) => {
          throw error instanceof UploadLostError ? gone() : error;
        });
      response.attachment(`${job.fileName.replace(/\.csv$/i, '')}-errors.csv`);
      response.setHeader('Content-Type', 'text/csv; charset=utf-8');
      response.setTimeout(STALLED_MS, () => response.destroy());
      const table = this.errors.table(this.unitOfWork, context, file, found);
      await pipeline(Readable.from(table, { objectMode: false }), response).catch((error: unknown) => {
        // Half a table must not look like a whole one.
        response.destroy();
        if (!response.req.destroyed && !(error instanceof UploadLostError)) throw error;
      });
    } finally {
      leave();
    }
  }

  private async refused(context: TenantContext, id: string): Promise<UploadJob> {
    const job = isId(id) ? await this.unitOfWork.run(context, (tx) => this.stores.jobs.newest(tx, id)) : null;
    if (job === null) throw problem(404, `no file was uploaded for disbursement ${id}`);
    if (!hasEnded(job)) throw problem(409, `The newest file is still being checked: ask again later.`);
    if (job.state === 'PUBLISHED')
      throw problem(404, 'The newest file was published: nothing is wrong with it.');
    if (job.refusal === null)
      throw problem(404, 'What received the newest file is gone before it was checked. Upload it again.');
    return job;
  }
}
