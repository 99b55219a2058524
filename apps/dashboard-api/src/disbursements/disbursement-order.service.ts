import { type InstructionsFile, ROWS_ANSWERED_AT_ONCE, UploadStores } from '@libs/disbursements';
import {
  type Answer,
  HttpProblem,
  type IdempotentRequest,
  IdempotencyKeysRepository,
  idempotentRequestOf,
  parseJsonField,
} from '@libs/http';
import { invariant, newId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, idempotencyOwnerOf } from '../access/caller';
import { type DisbursementBody, readDisbursementBody } from './disbursement-body';
import { disbursementJson } from './disbursement-json';
import { DisbursementsReadModel } from './disbursements.read-model';
import { NewDisbursement } from './new-disbursement.service';
import { answeringRefusals } from './refused-upload';
import { type OpenUpload, UploadDesk } from './upload-desk.service';

const CHANGED = 'the wallet or the asset was changed while the file was read: send it again';

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
      const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), body);
      return await this.unitOfWork.run(caller.context, (tx) =>
        this.answers.once(tx, asked, async () => await this.made(tx, caller, wanted)),
      );
    }
    // The id is of the disbursement as well, which is made when its file is here.
    const { upload, found } = await this.desk.open(caller.context, newId(), (tx) =>
      this.stores.uploads.limits(tx),
    );
    const { bytesMax } = found;
    try {
      const { data, file } = await this.desk.receive(upload, request, { bytesMax, expected: null });
      const fields = parseJsonField(data ?? '');
      const wanted = readDisbursementBody(fields);
      const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), {
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

  /** Made in the database transaction that publishes its file: neither is there without the other. */
  private async createWhole(
    caller: Caller,
    wanted: DisbursementBody,
    asked: IdempotentRequest,
    { file, upload }: ReceivedFile,
  ): Promise<Answer> {
    const { disbursementId: id } = upload;
    const before = await this.unitOfWork.run(upload.context, (tx) =>
      this.answers.findOr(tx, asked, () => this.newDisbursement.target(tx, id, wanted)),
    );
    if (before.answer !== null) {
      await this.desk.drop(upload);
      return before.answer;
    }
    const made = before.found;
    return await answeringRefusals(
      this.desk.publishWith({ upload, file, caller: caller.context }, made, asked, async (tx, publish) => {
        const { walletId, assetId } = await this.newDisbursement.create(tx, caller, id, wanted);
        // Its people were matched by what was asked before.
        if (walletId !== made.walletId || assetId !== made.assetId)
          throw new HttpProblem(409, { error: CHANGED });
        await publish();
        return await this.shown(tx, id, 201);
      }),
    );
  }

  private async createAndGoOn(
    caller: Caller,
    wanted: DisbursementBody,
    asked: IdempotentRequest,
    { file, upload }: ReceivedFile,
  ): Promise<Answer> {
    const { disbursementId: id } = upload;
    const made = new Set<string>();
    const answer = await this.unitOfWork.run(caller.context, async (tx) => {
      // When it has to run again, the request may have its answer.
      made.clear();
      return await this.answers.once(tx, asked, async () => {
        await this.newDisbursement.create(tx, caller, id, wanted);
        made.add(id);
        return await this.shown(tx, id, 202);
      });
    });
    if (made.has(id)) this.desk.goOn({ upload, file, caller: caller.context });
    else await this.desk.drop(upload);
    return answer;
  }

  private async made(tx: TenantTx, caller: Caller, wanted: DisbursementBody): Promise<Answer> {
    const id = newId();
    await this.newDisbursement.create(tx, caller, id, wanted);
    return await this.shown(tx, id, 201);
  }

  private async shown(tx: TenantTx, id: string, status: number): Promise<Answer> {
    const created = await this.views.find(tx, id);
    invariant(created !== null, 'a disbursement that was just created is there');
    return { status, body: disbursementJson(created) };
  }
}
