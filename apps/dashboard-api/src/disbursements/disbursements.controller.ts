import { DISBURSEMENT_STATUSES } from '@libs/contracts';
import { UploadStores } from '@libs/disbursements';
import { HttpProblem, idempotentRequestOf, pagedList, QueryReader } from '@libs/http';
import { noteChange } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, CurrentCaller, idempotencyOwnerOf } from '../access/caller';
import { readSeen } from './disbursement-body';
import { disbursementJson } from './disbursement-json';
import { DisbursementOrders } from './disbursement-order.service';
import { DisbursementReceiversReadModel } from './disbursement-receivers.read-model';
import { DisbursementStatusService } from './disbursement-status.service';
import { type DisbursementQuery, DisbursementsReadModel } from './disbursements.read-model';
import { UploadSweep } from './upload-sweep.service';

const STATUS_REFUSAL =
  'invalid parameter. valid value is a comma separate list of statuses: draft, ready, started, paused, completed';

const FILE_COMING =
  'a file is being uploaded for this disbursement: delete it when that has ended, GET /disbursements/{id}/upload tells when';

@Controller('disbursements')
export class DisbursementsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly views: DisbursementsReadModel,
    private readonly people: DisbursementReceiversReadModel,
    private readonly orders: DisbursementOrders,
    private readonly statuses: DisbursementStatusService,
    private readonly stores: UploadStores,
    private readonly sweep: UploadSweep,
  ) {}

  @Get()
  async list(
    @CurrentCaller() { context }: Caller,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<object> {
    const wanted = readDisbursementQuery(query);
    const found = await this.unitOfWork.run(context, (tx) => this.views.list(tx, wanted));
    return pagedList(request.originalUrl, wanted.page, {
      items: found.items.map(disbursementJson),
      total: found.total,
    });
  }

  @Post()
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const answer = await this.orders.create(caller, request, body);
    response.status(answer.status);
    return answer.body;
  }

  @Get(':id')
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    return await this.unitOfWork.run(context, (tx) => this.shown(tx, id));
  }

  @Get(':id/receivers')
  async receivers(
    @CurrentCaller() { context }: Caller,
    @Param('id') id: string,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<object> {
    const reader = new QueryReader(query);
    const wanted = {
      page: reader.page(),
      sort: reader.sort(['created_at', 'updated_at'], 'created_at'),
      direction: reader.direction('desc'),
    };
    reader.assertValid();
    const found = await this.unitOfWork.run(context, async (tx) => {
      await this.shown(tx, id);
      return await this.people.list(tx, id, wanted);
    });
    return pagedList(request.originalUrl, wanted.page, found);
  }

  @Delete(':id')
  async remove(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const row = await this.unitOfWork.run(context, async (tx) => {
      const found = isId(id) ? await this.views.find(tx, id) : null;
      if (found === null) throw new HttpProblem(404, { error: 'Disbursement not found' });
      if (await this.stores.jobs.isActive(tx, id)) throw new HttpProblem(409, { error: FILE_COMING });
      if (!(await this.stores.hidden.removeDisbursement(tx, id))) {
        throw new HttpProblem(400, { error: 'Cannot delete a disbursement that has started' });
      }
      const before = { name: found.name, status: found.status, payments: found.total };
      noteChange(tx, { subjectType: 'disbursements', subjectId: id, before, after: null });
      return found;
    });
    await this.sweep.clear(context.tenantId, id, row.total);
    return disbursementJson(row);
  }

  @Patch(':id/status')
  async changeStatus(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const body: unknown = request.body;
    const wanted = readStatus(body);
    if (wanted !== 'STARTED' && wanted !== 'PAUSED') {
      throw new HttpProblem(400, { error: "disbursement status can't be changed to the requested status" });
    }
    const asked = idempotentRequestOf(request, idempotencyOwnerOf(caller), body);
    const answer =
      wanted === 'STARTED'
        ? await this.statuses.start(caller, id, asked, readSeen(body))
        : await this.statuses.pause(caller, id, asked);
    response.status(answer.status);
    return answer.body;
  }

  private async shown(tx: TenantTx, id: string): Promise<object> {
    const row = isId(id) ? await this.views.find(tx, id) : null;
    if (row === null) throw new HttpProblem(404, { error: 'disbursement not found' });
    return disbursementJson(row);
  }
}

function readStatus(body: unknown): string {
  const given = typeof body === 'object' && body !== null && 'status' in body ? body.status : undefined;
  const wanted = typeof given === 'string' ? given.toUpperCase() : '';
  const known = DISBURSEMENT_STATUSES.find((status) => status === wanted);
  if (known === undefined) throw new HttpProblem(400, { error: 'invalid status' });
  return known;
}

/** The query of the list. Throws a 400 that names every bad parameter, under `error` where it is given. */
export function readDisbursementQuery(query: Record<string, unknown>, error?: string): DisbursementQuery {
  const reader = new QueryReader(query);
  const given = reader.text('status')?.toUpperCase().split(',');
  const statuses = given?.map((status) => status.trim()) ?? null;
  if (statuses?.some((status) => !DISBURSEMENT_STATUSES.some((known) => known === status)) === true) {
    reader.refuse('status', STATUS_REFUSAL);
  }
  const wanted = {
    page: reader.page(),
    sort: reader.sort(['name', 'created_at'], 'created_at'),
    direction: reader.direction('desc'),
    text: reader.text('q'),
    statuses,
    created: reader.createdBetween(),
  };
  reader.assertValid(error);
  return wanted;
}
