import { type InstructionsFile, InstructionsUpload, UploadsRepository } from '@libs/disbursements';
import { HttpProblem, IdempotencyKeysRepository, idempotentRequestOf } from '@libs/http';
import { invariant } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import type { Caller } from '../access/caller';
import { readDisbursementBody } from './disbursement-body';
import { disbursementJson } from './disbursement-json';
import { DisbursementsReadModel } from './disbursements.read-model';
import { readInstructionsForm } from './instructions-form';
import { NewDisbursement } from './new-disbursement.service';
import { answeringRefusals } from './refused-upload';

interface Order {
  /** The JSON of the body, or of the form's field `data`. */
  readonly fields: unknown;
  readonly file: InstructionsFile | null;
  /** What makes two requests the same. */
  readonly identity: unknown;
}

/** Creates disbursements: from JSON, or from a form that brings the file of people too. Both in one piece. */
@Injectable()
export class DisbursementOrders {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly newDisbursement: NewDisbursement,
    private readonly views: DisbursementsReadModel,
    private readonly uploads: UploadsRepository,
    private readonly upload: InstructionsUpload,
    private readonly answers: IdempotencyKeysRepository,
  ) {}

  /** The body of the answer: the disbursement as it is then, so READY when it came with its file. */
  async create(caller: Caller, request: Request, body: unknown): Promise<unknown> {
    const { fields, file, identity } = await this.read(caller, request, body);
    const wanted = readDisbursementBody(fields);
    const asked = idempotentRequestOf(request, caller.context.actor, identity);
    const answer = await answeringRefusals(
      this.unitOfWork.run(caller.context, (tx) =>
        this.answers.once(tx, asked, async () => {
          const id = await this.newDisbursement.create(tx, caller, wanted);
          if (file !== null) await this.upload.publish(tx, { disbursementId: id, file });
          const created = await this.views.find(tx, id);
          invariant(created !== null, 'a disbursement that was just created is there');
          return { status: 201, body: disbursementJson(created) };
        }),
      ),
    );
    return answer.body;
  }

  private async read(caller: Caller, request: Request, body: unknown): Promise<Order> {
    if (!/^multipart\//i.test(request.headers['content-type'] ?? '')) {
      return { fields: body, file: null, identity: body };
    }
    const { bytesMax } = await this.unitOfWork.run(caller.context, (tx) => this.uploads.limits(tx));
    const { data, file } = await readInstructionsForm(request, bytesMax);
    const fields = parsed(data);
    return { fields, file, identity: { fields, file: file.sha256, name: file.name } };
  }
}

function parsed(data: string | null): unknown {
  try {
    const fields: unknown = JSON.parse(data ?? '');
    return fields;
  } catch {
    throw new HttpProblem(400);
  }
}
