import { CONTACT_TYPES, RECEIVER_WALLET_STATUSES, VERIFICATION_FIELDS } from '@libs/contracts';
import { HttpProblem, pagedList, QueryReader } from '@libs/http';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import type { Request } from 'express';

import { type Caller, CurrentCaller } from '../access/caller';
import { receiverJson, verificationJson } from './receiver-json';
import { type ReceiverQuery, ReceiversReadModel } from './receivers.read-model';

@Controller()
export class ReceiversController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly receivers: ReceiversReadModel,
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
    const wanted = readQuery(query);
    const found = await this.unitOfWork.run(context, (tx) => this.receivers.list(tx, wanted));
    return pagedList(request.originalUrl, wanted.page, {
      items: found.items.map(receiverJson),
      total: found.total,
    });
  }

  @Get('receivers/:id')
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const found = await this.unitOfWork.run(context, async (tx) => {
      const view = isId(id) ? await this.receivers.find(tx, id) : null;
      return view === null ? null : { view, verifications: await this.receivers.verifications(tx, id) };
    });
    if (found === null) throw new HttpProblem(404, { error: `could not retrieve receiver with ID: ${id}` });
    return { ...receiverJson(found.view), verifications: found.verifications.map(verificationJson) };
  }
}

function readQuery(query: Record<string, unknown>): ReceiverQuery {
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
  reader.assertValid();
  return wanted;
}
