import { CONTACT_TYPES, RECEIVER_WALLET_STATUSES, VERIFICATION_FIELDS } from '@libs/contracts';
import { HttpProblem, pagedList, QueryReader } from '@libs/http';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Clock, isId } from '@libs/kernel';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { readReceiverEdit, readReceiverOrder } from './receiver-body';
import { ReceiverEdits } from './receiver-edits.service';
import { receiverJson, verificationJson } from './receiver-json';
import { type ReceiverQuery, ReceiversReadModel } from './receivers.read-model';

@Controller()
export class ReceiversController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly receivers: ReceiversReadModel,
    private readonly edits: ReceiverEdits,
    private readonly clock: Clock,
  ) {}

  @Get('registration-contact-types')
  contactTypes(): readonly string[] {
    return CONTACT_TYPES;
  }

  @Get('receivers/verification-types')
  verificationTypes(): readonly string[] {
    return VERIFICATION_FIELDS;
  }

  @Get('receivers')
  async list(
    @CurrentCaller() { context }: Caller,
    @Query() query: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<object> {
    const wanted = readReceiverQuery(query);
    const found = await this.unitOfWork.run(context, (tx) => this.receivers.list(tx, wanted));
    return pagedList(request.originalUrl, wanted.page, {
      items: found.items.map(receiverJson),
      total: found.total,
    });
  }

  @Get('receivers/:id')
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const found = await this.unitOfWork.run(context, async (tx) => {
      // The tries and times of a value that a file has replaced are nobody's any more.
      if (isId(id)) await this.edits.foldArrived(tx, id);
      return await this.shown(tx, id);
    });
    if (found === null) throw new HttpProblem(404, { error: `could not retrieve receiver with ID: ${id}` });
    return found;
  }

  @Post('receivers')
  @HttpCode(201)
  async add(@CurrentCaller() { context }: Caller, @Body() body: unknown): Promise<object | null> {
    const order = readReceiverOrder(body, this.clock.now());
    return await this.unitOfWork.run(context, async (tx) => this.shown(tx, await this.edits.add(tx, order)));
  }

  @Patch('receivers/:id')
  async change(
    @CurrentCaller() { context, user }: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<object | null> {
    const edit = readReceiverEdit(body, this.clock.now());
    return await this.unitOfWork.run(context, async (tx) => {
      const isKnown = isId(id) && (await this.edits.change(tx, id, edit, user.id));
      if (!isKnown) throw new HttpProblem(404, { error: 'Receiver not found' });
      return await this.shown(tx, id);
    });
  }

  private async shown(tx: TenantTx, id: string): Promise<object | null> {
    const view = isId(id) ? await this.receivers.find(tx, id) : null;
    if (view === null) return null;
    const verifications = await this.receivers.verifications(tx, id);
    return { ...receiverJson(view), verifications: verifications.map(verificationJson) };
  }
}

/** The query of the list. Throws a 400 that names every bad parameter, under `error` where it is given. */
export function readReceiverQuery(query: Record<string, unknown>, error?: string): ReceiverQuery {
  const reader = new QueryReader(query);
  const wanted = {
    page: reader.page(),
    sort: reader.sort(['created_at', 'updated_at'], 'updated_at'),
    direction: reader.direction('desc'),
    text: reader.text('q'),
    status: reader.oneOf(
      'status',
      RECEIVER_WALLET_STATUSES,
      'invalid parameter. valid values are: draft, ready, registered, flagged',
    ),
    created: reader.createdBetween(),
  };
  reader.assertValid(error);
  return wanted;
}
