import { HttpProblem } from '@libs/http';
import { noteChange } from '@libs/identity';
import { type Asset, formatAmount, isId, parseAmount } from '@libs/kernel';
import { isAccountAddress } from '@libs/ledger';
import { UnitOfWork } from '@libs/persistence';
import { type CeilingOrder, type OutflowCeiling, OutflowCeilingOrders } from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { Body, Controller, Get, Param, Put, Req } from '@nestjs/common';
import type { Request } from 'express';

import { OperatorAudit } from './operator-audit.service';

const REASON_CHARACTERS_MAX = 1_000;
const PUT_CEILING = { method: 'PUT', path: '/tenants/:id/outflow-ceilings' };

/** How much of an asset a tenant may pay in any hour. When a call returns, it is in force in every process. */
@Controller('tenants/:id/outflow-ceilings')
export class OutflowCeilingsController {
  constructor(
    private readonly orders: OutflowCeilingOrders,
    private readonly tenants: TenantsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: OperatorAudit,
  ) {}

  @Get()
  async list(@Param('id') id: string): Promise<object> {
    await this.requireTenant(id);
    const context = { tenantId: id, actor: 'system:operator', trace: '' };
    return (await this.unitOfWork.run(context, (tx) => this.orders.list(tx))).map(ceilingJson);
  }

  @Put()
  async change(@Param('id') id: string, @Body() body: unknown, @Req() request: Request): Promise<object> {
    const order = orderOf(body);
    await this.requireTenant(id);
    const context = { tenantId: id, ...this.audit.actsOf(request, PUT_CEILING) };
    return await this.unitOfWork.run(context, async (tx) => {
      const changed = await this.orders.change(tx, order);
      if (changed === null) throw new HttpProblem(404, { error: 'there is no ceiling for this asset' });
      noteChange(tx, {
        subjectType: 'tenants',
        subjectId: id,
        before: limitJson(order.asset, changed.before),
        after: { ...limitJson(order.asset, order.perHour), reason: order.reason },
      });
      return changed.ceilings.map(ceilingJson);
    });
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

const limitJson = (asset: Asset, perHour: bigint | null): object => ({
  asset_code: asset.code,
  asset_issuer: asset.issuer,
  amount_per_hour: perHour === null ? null : formatAmount(perHour),
});

const ceilingJson = ({ asset, perHour, used, reachedAt }: OutflowCeiling): object => ({
  asset_code: asset.code,
  asset_issuer: asset.issuer,
  amount_per_hour: formatAmount(perHour),
  used_in_the_last_hour: formatAmount(used),
  reached_at: reachedAt?.toISOString() ?? null,
});
