import { UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository } from '@libs/tenants';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';

/** The logo of the organisation whose host is asked, or the built-in one: for staff, wallets and the registration page. */
@Controller('organization')
export class LogoController {
  constructor(
    private readonly tenants: RequestTenant,
    private readonly work: UnitOfWork,
    private readonly organizations: OrganizationsRepository,
  ) {}

  @Get('logo')
  async logo(@Req() request: Request, @Res() response: Response): Promise<void> {
    const tenant = await this.tenants.of(request);
    const logo = await this.work.run(contextOf(request, tenant), (tx) => this.organizations.logo(tx));
    response.setHeader('Cache-Control', 'public, max-age=300');
    response.type(logo.type).send(Buffer.from(logo.bytes));
  }
}
