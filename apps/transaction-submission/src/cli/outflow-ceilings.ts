import { parseArgs } from 'node:util';

import { operatorName } from '@libs/config';
import { type Asset, assetName, formatAmount, parseAmount, XLM } from '@libs/kernel';
import { isAccountAddress } from '@libs/ledger';
import type { UnitOfWork } from '@libs/persistence';
import { type OutflowCeiling, OutflowCeilingOrders } from '@libs/submissions';
import { type Tenant, TenantsRepository } from '@libs/tenants';

import { CommandError, reasonOf, runOperatorCommand, tellFailure } from './operator-command';

const USAGE = `How much of an asset a tenant may pay in any hour. Payments beyond it wait; none fails.

  npm run outflow-ceilings -- list [<tenant>]
  npm run outflow-ceilings -- set <tenant> --asset <asset> --per-hour <amount> --reason "…"
  npm run outflow-ceilings -- remove <tenant> --asset <asset> --reason "…"

    <asset>   XLM, or code and issuer: USDC:GA5Z…
    --json    one JSON object instead of lines

Needs DATABASE_URL as the role of transaction-submission. What was paid within the last hour counts at once.`;

interface Options {
  readonly asset: string | undefined;
  readonly perHour: string | undefined;
  readonly reason: string | undefined;
  readonly json: boolean;
}

interface Listed {
  readonly tenant: Tenant;
  readonly ceilings: readonly OutflowCeiling[];
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      asset: { type: 'string' },
      'per-hour': { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = '', tenant, ...more] = positionals;
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const needsTenant = name === 'set' || name === 'remove';
  if ((name !== 'list' && !needsTenant) || more.length > 0 || (needsTenant && tenant === undefined))
    throw new CommandError(USAGE);
  const options: Options = {
    ...values,
    asset: values.asset,
    perHour: values['per-hour'],
    reason: values.reason,
  };
  await runOperatorCommand(async (uow) => {
    const listed = needsTenant
      ? [await change(uow, await tenantOf(uow, tenant ?? ''), options, name)]
      : await list(uow, tenant);
    process.stdout.write(values.json ? `${JSON.stringify(jsonOf(listed))}\n` : textOf(listed));
  });
}

async function change(uow: UnitOfWork, tenant: Tenant, options: Options, name: string): Promise<Listed> {
  const asset = assetOf(options.asset);
  const order = {
    asset,
    perHour: name === 'remove' ? null : amountOf(options.perHour),
    reason: reasonOf(options.reason),
  };
  const context = { tenantId: tenant.id, actor: operatorName(), trace: '' };
  const changed = await uow.run(context, (tx) => new OutflowCeilingOrders().change(tx, order));
  if (changed === null) throw new CommandError(`${tenant.name} has no ceiling for ${assetName(asset)}.`);
  return { tenant, ceilings: changed.ceilings };
}

async function list(uow: UnitOfWork, only: string | undefined): Promise<readonly Listed[]> {
  const tenants =
    only === undefined
      ? await uow.runSystem('the operator lists ceilings', (tx) => new TenantsRepository().list(tx))
      : [await tenantOf(uow, only)];
  const orders = new OutflowCeilingOrders();
  const listed: Listed[] = [];
  for (const tenant of tenants) {
    const context = { tenantId: tenant.id, actor: operatorName(), trace: '' };
    listed.push({ tenant, ceilings: await uow.run(context, (tx) => orders.list(tx)) });
  }
  return listed;
}

async function tenantOf(uow: UnitOfWork, name: string): Promise<Tenant> {
  const tenant = await uow.runSystem('the operator names a tenant', (tx) =>
    new TenantsRepository().findByName(tx, name),
  );
  if (tenant === null)
    throw new CommandError(`There is no tenant ${name}: "npm run tenants -- list" names them.`);
  return tenant;
}

function assetOf(text: string | undefined): Asset {
  if (text === 'XLM') return XLM;
  const [code = '', issuer = '', ...more] = (text ?? '').split(':');
  if (!/^[A-Za-z0-9]{1,12}$/.test(code) || !isAccountAddress(issuer) || more.length > 0)
    throw new CommandError('--asset is XLM, or the code and the issuer: --asset USDC:GA5Z…');
  return { code, issuer };
}

function amountOf(text: string | undefined): bigint {
  const amount = parseAmount(text ?? '');
  if (!amount.ok)
    throw new CommandError('--per-hour is an amount above 0 with at most seven decimals: --per-hour 10000');
  return amount.value;
}

const jsonOf = (listed: readonly Listed[]): object => ({
  ceilings: listed.flatMap(({ tenant, ceilings }) =>
    ceilings.map(({ asset, perHour, used, reachedAt }) => ({
      ...{ tenant_id: tenant.id, tenant: tenant.name, asset: assetName(asset) },
      ...{ per_hour: formatAmount(perHour), used: formatAmount(used), reached_at: reachedAt },
    })),
  ),
});

function textOf(listed: readonly Listed[]): string {
  const lines = listed.flatMap(({ tenant, ceilings }) =>
    ceilings.map(({ asset, perHour, used, reachedAt }) => {
      const reached = reachedAt === null ? '' : `, payments waited last at ${reachedAt.toISOString()}`;
      return `${tenant.name}  ${formatAmount(perHour)} ${assetName(asset)} per hour, ${formatAmount(used)} used${reached}`;
    }),
  );
  return `${lines.length === 0 ? 'There is no ceiling.' : lines.join('\n')}\n`;
}

main(process.argv.slice(2)).catch(tellFailure);
