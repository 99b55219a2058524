import { HttpProblem } from '@libs/http';
import { ShortLinkRepository } from '@libs/messages';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param, Redirect, Req } from '@nestjs/common';
import type { Request } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';

const CODE = /^[0-9a-zA-Z]{6,16}$/;

/** Short links of invitations. */
@Controller('r')
export class ShortLinksController {
  constructor(
    private readonly tenants: RequestTenant,
    private readonly work: UnitOfWork,
    private readonly links: ShortLinkRepository,
  ) {}

  @Get(':code')
  @Redirect()
  async follow(
    @Req() request: Request,
    @Param('code') code: string,
  ): Promise<{ url: string; statusCode: number }> {
    const tenant = await this.tenants.of(request);
    const url = CODE.test(code)
      ? await this.work.run(contextOf(request, tenant), (tx) => this.links.urlOf(tx, code))
      : null;
    if (url === null) throw new HttpProblem(404, { error: 'Short URL not found' });
    return { url, statusCode: 301 };
  }
}
