import { UploadStores, type UploadJob } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, callerNow, CurrentCaller } from '../access/caller';
import { hasEnded, uploadJson } from './upload-json';

const LOOK_EVERY_MS = 1_000;
const STREAMS_MAX = 200;
/** Longer than any upload: who still listens then asks again. */
const STREAM_MS = 1_800_000;
const RETRY_AFTER_SECONDS = 10;

/** How far the newest upload of a disbursement is. */
@Controller('disbursements/:id/upload')
export class UploadController {
  private streams = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stores: UploadStores,
  ) {}

  @Get()
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    return uploadJson(id, await this.newest(context, id));
  }

  /**
   * The same as server-sent events, each time that it has changed, until it has ended or who listens may no longer see it.
   */
  @Get('events')
  async stream(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    let job = await this.newest(context, id);
    if (this.streams >= STREAMS_MAX) {
      const error = `Too many listen at this moment. GET /disbursements/${id}/upload tells the same.`;
      throw new HttpProblem(503, { error }, RETRY_AFTER_SECONDS);
    }
    this.streams += 1;
    try {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      let said = '';
      for (const until = performance.now() + STREAM_MS; !response.destroyed && performance.now() < until;) {
        const news = JSON.stringify(uploadJson(id, job));
        // A comment keeps proxies from closing a stream that has nothing to say.
        response.write(news === said ? ': \n\n' : `event: upload\ndata: ${news}\n\n`);
        said = news;
        if (hasEnded(job)) break;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        job = await this.newest((await callerNow(request)).context, id);
      }
    } catch (error) {
      // The head is out, so nothing but the end of the stream can tell that it does not go on: who listens asks again.
      if (!response.headersSent) throw error;
    } finally {
      this.streams -= 1;
    }
    response.end();
  }

  private async newest(context: TenantContext, id: string): Promise<UploadJob> {
    const job = isId(id) ? await this.unitOfWork.run(context, (tx) => this.stores.jobs.newest(tx, id)) : null;
    if (job === null) throw new HttpProblem(404, { error: `no file was uploaded for disbursement ${id}` });
    return job;
  }
}
