import { HttpProblem } from '@libs/http';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { contextOf, RequestTenant } from '../tenancy/request-tenant.service';

const IMAGE_TYPES = ['image/png', 'image/jpeg'];

/** The organisation's logo, for the registration page. */
@Controller('organization')
export class LogoController {
  constructor(
    private readonly tenants: RequestTenant,
    private readonly work: UnitOfWork,
  ) {}

  @Get('logo')
  async logo(@Req() request: Request, @Res() response: Response): Promise<void> {
    const tenant = await this.tenants.of(request);
    const row = await this.work.run(contextOf(request, tenant), (tx) =>
      tx.queryOne<{ logo: Buffer | null; logo_type: string | null }>(
        'SELECT logo, logo_type FROM tenants.organizations WHERE tenant_id = $1',
        [tx.tenantId],
      ),
    );
    const { logo, logo_type: type } = row ?? { logo: null, logo_type: null };
    if (logo === null || type === null || !IMAGE_TYPES.includes(type)) throw new HttpProblem(404);
    response.setHeader('Cache-Control', 'public, max-age=300');
    response.type(type).send(logo);
  }
}
