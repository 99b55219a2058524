import { DtoPipe, HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import type { StillPayable } from '@libs/submissions';
import { type Tenant, tenantNameOfHost, TenantsRepository } from '@libs/tenants';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import type { Request, Response } from 'express';

import { SETTINGS } from '../platform.module';
import { Provisioning } from '../provisioning/provisioning.service';
import type { StaffSettings } from '../staff-settings';
import { DefaultTenant } from './default-tenant.service';
import { OperatorAudit } from './operator-audit.service';
import { readTenantChange } from './tenant-change-body';
import { TenantChanges } from './tenant-changes.service';
import { tenantJson } from './tenant-json';
import { TenantOrderDto } from './tenant-order.dto';

const UNDERWAY =
  'The tenant was added. Its ledger account or the trustlines of it are still being made; then it is ready by itself.';
const NAME = /^[a-z][a-z-]{0,62}$/;

/** `https://acme.pay.example.org` of `https://pay.example.org`. */
function withTenantInHost(instanceUrl: string, tenantName: string): string {
  const url = new URL(instanceUrl);
  url.hostname = `${tenantName}.${url.hostname}`;
  return url.origin;
}

@Controller('tenants')
export class TenantsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tenants: TenantsRepository,
    private readonly provisioning: Provisioning,
    private readonly changes: TenantChanges,
    private readonly defaultTenant: DefaultTenant,
    private readonly audit: OperatorAudit,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  @Get()
  async list(): Promise<object[]> {
    const tenants = await this.unitOfWork.runSystem('the operator lists tenants', (tx) =>
      this.tenants.list(tx),
    );
    return tenants.map(tenantJson);
  }

  @Post()
  @HttpCode(201)
  async create(
    @Body(new DtoPipe({ error: 'invalid request body' })) order: TenantOrderDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const addresses = {
      baseUrl: originOf(order.base_url) ?? withTenantInHost(this.settings.BASE_URL, order.name),
      sdpUiBaseUrl:
        originOf(order.sdp_ui_base_url) ?? withTenantInHost(this.settings.SDP_UI_BASE_URL, order.name),
    };
    this.refuseNameOfOurOwn(order.name, Object.values(addresses).map(hostOf), request);
    const outcome = await this.provisioning.provision({
      name: order.name,
      organizationName: order.organization_name,
      ...addresses,
      distributionAccountType: order.distribution_account_type,
      owner: {
        email: order.owner_email,
        firstName: order.owner_first_name,
        lastName: order.owner_last_name,
      },
      mfaDisabled: null,
      captchaDisabled: null,
      assets: [],
      ...this.audit.actsOf(request, { method: 'POST', path: '/tenants' }),
    });
    switch (outcome.kind) {
      case 'name_taken':
        throw new HttpProblem(400, { error: 'Tenant name already exists' });
      case 'other_order':
        throw new HttpProblem(400, {
          error: 'Tenant name already exists',
          extras: Object.fromEntries(
            Object.entries(outcome.underway).map(([field, present]) => [
              field,
              `the tenant is being made with ${present}: repeat the order with that`,
            ]),
          ),
        });
      case 'refused':
        throw new HttpProblem(500, { extras: { error_details: outcome.reason } });
      case 'underway':
        // Stored and going on by itself: the same request later goes on with it, and GET shows when it is finished.
        response.status(202);
        return { ...tenantJson(outcome.tenant), message: UNDERWAY };
      case 'provisioned':
        return tenantJson(outcome.tenant);
    }
  }

  /**
   * A request to `api.pay.example.org` would be taken for one to a tenant `api`, and the tokens of all others be refused there.
   * Who gives the tenant that very host means it.
   */
  private refuseNameOfOurOwn(tenantName: string, tenantHosts: readonly string[], request: Request): void {
    const ours = [request.hostname, hostOf(this.settings.BASE_URL), hostOf(this.settings.SDP_UI_BASE_URL)];
    const host = ours.find((one) => tenantNameOfHost(one) === tenantName);
    if (host === undefined || tenantHosts.includes(host)) return;
    const name = `${host} is an address of this service, not of a tenant: choose another name`;
    throw new HttpProblem(400, { error: 'invalid request body', extras: { name } });
  }

  @Post('default-tenant')
  @HttpCode(200)
  async makeDefault(@Body() body: unknown, @Req() request: Request): Promise<object> {
    if (!this.settings.SINGLE_TENANT_MODE) throw new HttpProblem(403);
    const id: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'id') : undefined;
    if (typeof id !== 'string' || id === '') {
      throw new HttpProblem(400, { error: 'invalid request body', extras: { id: 'id is required' } });
    }
    const acts = this.audit.actsOf(request, { method: 'POST', path: '/tenants/default-tenant' });
    const tenant = isId(id) ? await this.defaultTenant.move(id, acts) : null;
    if (tenant === null) throw new HttpProblem(404, { error: `tenant id ${id} does not exist` });
    return tenantJson(tenant);
  }

  @Patch(':id')
  async change(@Param('id') id: string, @Body() body: unknown, @Req() request: Request): Promise<object> {
    const change = readTenantChange(body);
    const changed = isId(id)
      ? await this.changes.change(
          id,
          change,
          this.audit.actsOf(request, { method: 'PATCH', path: '/tenants/:id' }),
        )
      : null;
    if (changed === null) throw new HttpProblem(404, { error: `tenant ${id} does not exist` });
    if (!changed.ok) throw new HttpProblem(400, { error: changed.error });
    const { tenant, mayStillBePaid } = changed.value;
    return {
      ...tenantJson(tenant),
      ...(mayStillBePaid.length === 0 ? {} : { may_still_be_paid: mayStillBePaid.map(stillPayableJson) }),
    };
  }

  @Delete(':id')
  @HttpCode(200)
  async remove(
    @Param('id') id: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object | undefined> {
    const acts = this.audit.actsOf(request, { method: 'DELETE', path: '/tenants/:id' });
    const removal = isId(id) ? await this.changes.remove(id, acts) : null;
    if (removal === null) throw new HttpProblem(404, { error: `tenant ${id} does not exist` });
    if (removal.kind === 'refused') throw new HttpProblem(400, { error: removal.why });
    if (removal.kind === 'deleted_before') {
      response.status(304);
      return undefined;
    }
    return tenantJson(removal.tenant);
  }

  @Get(':idOrName')
  async find(@Param('idOrName') idOrName: string): Promise<object> {
    const tenant = await this.unitOfWork.runSystem('the operator looks at a tenant', async (tx) => {
      if (isId(idOrName)) return await this.tenants.findById(tx, idOrName);
      return NAME.test(idOrName) ? await this.tenants.findByName(tx, idOrName) : null;
    });
    if (tenant === null || isGone(tenant)) {
      throw new HttpProblem(404, { error: `tenant ${idOrName} does not exist` });
    }
    return tenantJson(tenant);
  }
}

const stillPayableJson = ({ paymentId, until }: StillPayable): object => ({
  payment_id: paymentId,
  until: until.toISOString(),
});

const isGone = (tenant: Tenant): boolean => tenant.status === 'DEACTIVATED' || tenant.deletedAt !== null;

const hostOf = (url: string): string => new URL(url).hostname;
const originOf = (url: string | undefined): string | null =>
  url === undefined ? null : url.replace(/\/+$/, '');
