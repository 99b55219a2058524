import { HttpProblem, traceOf } from '@libs/http';
import { auditing, AuditLogRepository, noteChange } from '@libs/identity';
import { type Asset, formatAmount, isId, parseAmount, sameAsset } from '@libs/kernel';
import { isAccountAddress } from '@libs/ledger';
import { type TenantContext, UnitOfWork } from '@libs/persistence';
import { type CeilingOrder, type OutflowCeiling, OutflowCeilingOrders } from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { Body, Controller, Get, Inject, Param, Put, Req } from '@nestjs/common';
import type { Request } from 'express';

import { auditedRequestOf } from '../access/audited-request';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

const REASON_CHARACTERS_MAX = 1_000;

/** How much of an asset a tenant may pay in any hour. When a call returns, it is in force in every process. */
@Controller('tenants/:id/outflow-ceilings')
export class OutflowCeilingsController {
  constructor(
    private readonly orders: OutflowCeilingOrders,
    private readonly tenants: TenantsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly auditLog: AuditLogRepository,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  @Get()
  async list(@Param('id') id: string): Promise<object> {
    await this.requireTenant(id);
    return (await this.orders.list(id)).map(ceilingJson);
  }

  @Put()
  async change(@Param('id') id: string, @Body() body: unknown, @Req() request: Request): Promise<object> {
    const order = orderOf(body);
    await this.requireTenant(id);
    const before = (await this.orders.list(id)).find(({ asset }) => sameAsset(asset, order.asset));
    // Nothing that is removed is written down either.
    const isThere = order.perHour !== null || before !== undefined;
    const ceilings = isThere
      ? await this.orders.change(this.audited(request, id, { order, before: before?.perHour ?? null }), order)
      : null;
    if (ceilings === null) throw new HttpProblem(404, { error: 'there is no ceiling for this asset' });
    return ceilings.map(ceilingJson);
  }

  private audited(
    request: Request,
    tenantId: string,
    { order, before }: { readonly order: CeilingOrder; readonly before: bigint | null },
  ): TenantContext {
    const name = this.settings.ADMIN_ACCOUNT;
    const route = { method: 'PUT', path: '/tenants/:id/outflow-ceilings' };
    const audit = auditing(
      this.auditLog,
      auditedRequestOf(request, route, { type: 'operator', id: name, name }),
    );
    return {
      ...{ tenantId, actor: `operator:${name}`, trace: traceOf(request) },
      beforeCommit: async (tx) => {
        const limit = (perHour: bigint | null): object => ({
          ...{ asset_code: order.asset.code, asset_issuer: order.asset.issuer },
          amount_per_hour: perHour === null ? null : formatAmount(perHour),
        });
        noteChange(tx, {
          ...{ subjectType: 'tenants', subjectId: tenantId },
          ...{ before: limit(before), after: { ...limit(order.perHour), reason: order.reason } },
        });
        await audit(tx);
      },
    };
  }

  private async requireTenant(id: string): Promise<void> {
    const tenant = isId(id)
      ? await this.unitOfWork.runSystem('the operator names a tenant', (tx) => this.tenants.findById(tx, id))
      : null;
    if (tenant === null) throw new HttpProblem(404, { error: `tenant id ${id} does not exist` });
  }
}

/** An amount of null removes the ceiling. */
function orderOf(body: unknown): CeilingOrder {
  const fields: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const { asset_code: code, asset_issuer: issuer = '', amount_per_hour: amount, reason } = fields;
  const extras: Record<string, string> = {};
  const asset = assetOf(code, issuer);
  if (asset === null)
    extras['asset_code'] = 'asset_code and asset_issuer must name an asset; XLM has no issuer';
  const perHour = typeof amount === 'string' ? parseAmount(amount) : null;
  if (amount !== null && perHour?.ok !== true)
    extras['amount_per_hour'] = 'amount_per_hour must be a decimal text above 0, or null for no ceiling';
  const why = typeof reason === 'string' ? reason.trim() : '';
  if (why === '' || why.length > REASON_CHARACTERS_MAX || why.includes('\0'))
    extras['reason'] = `reason is required and has at most ${String(REASON_CHARACTERS_MAX)} characters`;
  if (asset === null || Object.keys(extras).length > 0)
    throw new HttpProblem(400, { error: 'invalid request body', extras });
  return { asset, perHour: perHour?.ok === true ? perHour.value : null, reason: why };
}

function assetOf(code: unknown, issuer: unknown): Asset | null {
  if (typeof code !== 'string' || typeof issuer !== 'string') return null;
  if (code === 'XLM' && issuer === '') return { code, issuer };
  return /^[A-Za-z0-9]{1,12}$/.test(code) && isAccountAddress(issuer) ? { code, issuer } : null;
}

const ceilingJson = ({ asset, perHour, used, reachedAt }: OutflowCeiling): object => ({
  asset_code: asset.code,
  asset_issuer: asset.issuer,
  amount_per_hour: formatAmount(perHour),
  used_in_the_last_hour: formatAmount(used),
  reached_at: reachedAt?.toISOString() ?? null,
});
