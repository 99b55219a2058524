import { ScratchParts, type Trial, UploadStores, UploadTrial } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { onlyLooking } from '@libs/identity';
import { isId, newId } from '@libs/kernel';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { trialJson } from './dry-run-json';
import { readInstructionsForm } from './instructions-form';
import { UploadProcess } from './upload-process';
import { isLargeFile, UploadSlots } from './upload-slots';

const DAYS_DEFAULT = 30;
const DAYS_MAX = 3_650;

/** How a dry run was asked for. */
export interface DryRunQuery {
  readonly paidWithinDays: number;
}

/** Null when an upload is wanted. Throws the 400 of anything that is neither. */
export function readDryRunQuery(query: Record<string, unknown>): DryRunQuery | null {
  const { dry_run: dryRun = 'false', paid_within_days: days = String(DAYS_DEFAULT) } = query;
  if (dryRun !== 'true' && dryRun !== 'false') {
    throw new HttpProblem(400, { extras: { dry_run: 'dry_run must be true or false' } });
  }
  const paidWithinDays = typeof days === 'string' && /^[0-9]{1,4}$/.test(days) ? Number(days) : 0;
  if (paidWithinDays < 1 || paidWithinDays > DAYS_MAX) {
    const error = `paid_within_days must be a whole number from 1 to ${String(DAYS_MAX)}`;
    throw new HttpProblem(400, { extras: { paid_within_days: error } });
  }
  return dryRun === 'true' ? { paidWithinDays } : null;
}

/**
 * Checks a file as an upload would, and writes nothing: its bytes and its lines are in TEMP tables of one connection, which it
 * holds from the first byte on. So it takes a place among the uploads that hold one, and reads nothing before it has it.
 */
@Injectable()
export class DryRun {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly slots: UploadSlots,
    private readonly stores: UploadStores,
    private readonly trial: UploadTrial,
    private readonly process: UploadProcess,
  ) {}

  /** Throws `UploadRefusedError` when the disbursement takes no file. */
  async run(
    caller: TenantContext,
    disbursementId: string,
    request: Request,
    { paidWithinDays }: DryRunQuery,
  ): Promise<object> {
    if (!isId(disbursementId)) throw new HttpProblem(400, { error: 'disbursement ID is invalid' });
    const context = onlyLooking(caller);
    const { bytesMax } = await this.unitOfWork.run(context, (tx) => this.stores.uploads.limits(tx));
    const isLarge = isLargeFile(Number(request.headers['content-length'] ?? Infinity));
    const who = { tenantId: context.tenantId, isLarge, waitsForSender: true };
    const leave = this.slots.enter(context.tenantId);
    try {
      const trial = await this.slots.work(who, () =>
        this.tried(context, { disbursementId, request, bytesMax, paidWithinDays }),
      );
      return trialJson(trial, paidWithinDays);
    } finally {
      leave();
    }
  }

  private async tried(
    context: TenantContext,
    order: DryRunQuery & {
      readonly disbursementId: string;
      readonly request: Request;
      readonly bytesMax: number;
    },
  ): Promise<Trial> {
    const { disbursementId, request, bytesMax, paidWithinDays } = order;
    const scratch = new ScratchParts();
    return await this.unitOfWork.session(async (session) => {
      await session.run(context, (tx) => scratch.create(tx));
      const { file } = await readInstructionsForm(request, {
        bytesMax,
        stallMs: this.process.stallMs,
        uploadId: newId(),
        keep: (part, gzipped) => session.run(context, (tx) => scratch.add(tx, part, gzipped)),
      });
      const read = scratch.read.bind(scratch);
      return await this.trial.run(session, context, { disbursementId, file, read, paidWithinDays });
    });
  }
}
