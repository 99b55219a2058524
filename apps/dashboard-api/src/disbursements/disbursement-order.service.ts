import {
  type InstructionsFile,
  InstructionsUpload,
  ROWS_ANSWERED_AT_ONCE,
  UploadStores,
} from '@libs/disbursements';
import {
  type Answer,
  type IdempotentRequest,
  IdempotencyKeysRepository,
  idempotentRequestOf,
  parseJsonField,
} from '@libs/http';
import { invariant, newId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import type { Caller } from '../access/caller';
import { type DisbursementBody, readDisbursementBody } from './disbursement-body';
import { disbursementJson } from './disbursement-json';
import { DisbursementsReadModel } from './disbursements.read-model';
import { noteFile } from './file-note';
import { NewDisbursement } from './new-disbursement.service';
import { answeringRefusals } from './refused-upload';
import { type OpenUpload, UploadDesk } from './upload-desk.service';

interface ReceivedFile {
  readonly file: InstructionsFile;
  readonly upload: OpenUpload;
}

/** Creates disbursements: from JSON, or from a form that brings the file of people too. */
@Injectable()
export class DisbursementOrders {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly newDisbursement: NewDisbursement,
    private readonly views: DisbursementsReadModel,
    private readonly stores: UploadStores,
    private readonly upload: InstructionsUpload,
    private readonly desk: UploadDesk,
    private readonly answers: IdempotencyKeysRepository,
  ) {}

  /**
   * The body shows the disbursement as it is then: READY (201) when it came with its file, and both are there or neither;
   * with a file of more than 10,000 rows it is in DRAFT (202) while its upload goes on.
   */
  async create(caller: Caller, request: Request, body: unknown): Promise<Answer> {
    if (!/^multipart\//i.test(request.headers['content-type'] ?? '')) {
      const wanted = readDisbursementBody(body);
      const asked = idempotentRequestOf(request, caller.context.actor, body);
      return await this.unitOfWork.run(caller.context, (tx) =>
        this.answers.once(tx, asked, async () => await this.made(tx, caller, wanted)),
      );
    }
    const { bytesMax } = await this.unitOfWork.run(caller.context, (tx) => this.stores.uploads.limits(tx));
    // The disbursement gets its id only when it is made.
    const upload = await this.desk.open(caller.context, newId());
    try {
      const { data, file } = await this.desk.receive(upload, request, { bytesMax, expected: null });
      const fields = parseJsonField(data ?? '');
      const wanted = readDisbursementBody(fields);
      const asked = idempotentRequestOf(request, caller.context.actor, {
        fields,
        file: file.sha256,
        name: file.name,
      });
      const received = { file, upload };
      if (file.lines > ROWS_ANSWERED_AT_ONCE + 1)
        return await this.createAndGoOn(caller, wanted, asked, received);
      return await this.createWhole(caller, wanted, asked, received);
    } catch (error) {
      await this.desk.drop(upload);
      throw error;
    }
  }

  /** In one database transaction: no disbursement without its file. */
  private async createWhole(
    caller: Caller,
    wanted: DisbursementBody,
    asked: IdempotentRequest,
    { file, upload }: ReceivedFile,
  ): Promise<Answer> {
    const { jobs } = this.stores;
    const answer = await answeringRefusals(
      this.desk.inTurn(upload, file, () =>
        this.unitOfWork.run(caller.context, (tx) =>
          this.answers.once(tx, asked, async () => {
            const id = await this.newDisbursement.create(tx, caller, wanted);
            await jobs.moveTo(tx, upload.id, id);
            await jobs.check(tx, upload.id, file.name);
            await this.upload.publish(tx, { disbursementId: id, file, progress: upload.progress });
            noteFile(tx, id, { file, rows: upload.progress.rowsValid, before: null });
            const isTaken = await jobs.published(tx, upload.id, upload.progress);
            invariant(isTaken, 'an upload that beats is not given up');
            return await this.shown(tx, id, 201);
          }),
        ),
      ),
    );
    await this.desk.end(upload);
    return answer;
  }

  private async createAndGoOn(
    caller: Caller,
    wanted: DisbursementBody,
    asked: IdempotentRequest,
    { file, upload }: ReceivedFile,
  ): Promise<Answer> {
    const made: string[] = [];
    const answer = await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, asked, async () => {
        const id = await this.newDisbursement.create(tx, caller, wanted);
        await this.stores.jobs.moveTo(tx, upload.id, id);
        made.push(id);
        return await this.shown(tx, id, 202);
      }),
    );
    // The last one, when the database transaction had to run again; none, when the request had its answer before.
    const disbursementId = made.at(-1);
    if (disbursementId === undefined) await this.desk.drop(upload);
    else this.desk.goOn({ upload: { ...upload, disbursementId }, file, caller: caller.context });
    return answer;
  }

  private async made(tx: TenantTx, caller: Caller, wanted: DisbursementBody): Promise<Answer> {
    return await this.shown(tx, await this.newDisbursement.create(tx, caller, wanted), 201);
  }

  private async shown(tx: TenantTx, id: string, status: number): Promise<Answer> {
    const created = await this.views.find(tx, id);
    invariant(created !== null, 'a disbursement that was just created is there');
    return { status, body: disbursementJson(created) };
  }
}
