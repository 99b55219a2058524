import type { UnitOfWork } from '@libs/persistence';
import { type Tenant, TenantsRepository } from '@libs/tenants';

import { CommandError } from './cli-platform';

/** Throws a CommandError where there is none of that name. */
export async function tenantNamed(uow: UnitOfWork, name: string): Promise<Tenant> {
  const tenant = await uow.runSystem('the operator names a tenant', (tx) =>
    new TenantsRepository().findByName(tx, name),
  );
  if (tenant === null) throw new CommandError(`there is no tenant named ${name}`);
  return tenant;
}
