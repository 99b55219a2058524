import { noteChange, noteNothing } from '@libs/identity';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { type Tenant, TenantsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import type { OperatorActs } from './operator-audit.service';

/** Says which tenant is meant by requests that name none. */
@Injectable()
export class DefaultTenant {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tenants: TenantsRepository,
  ) {}

  /** The tenant, which is the default from now on. Null, and nothing changes, when it is unknown, switched off or not ready yet. */
  async move(id: string, acts: OperatorActs): Promise<Tenant | null> {
    const moved = await this.unitOfWork.run({ tenantId: id, ...acts }, async (tx) => {
      const outcome = await this.tenants.makeDefault(tx, id);
      if (outcome === null || outcome.previousId === id) noteNothing(tx);
      else note(tx, { isDefault: true });
      return outcome === null
        ? null
        : { previousId: outcome.previousId, tenant: await this.tenants.findById(tx, id) };
    });
    const previousId = moved?.previousId ?? null;
    // A database transaction writes into the log of one organisation; who has become the default is told with the change itself.
    if (previousId !== null && previousId !== id) {
      await this.unitOfWork.run({ tenantId: previousId, ...acts }, (tx) => {
        note(tx, { isDefault: false });
        return Promise.resolve();
      });
    }
    return moved?.tenant ?? null;
  }
}

function note(tx: TenantTx, { isDefault }: { readonly isDefault: boolean }): void {
  noteChange(tx, {
    subjectType: 'tenants',
    subjectId: tx.tenantId,
    before: { is_default: !isDefault },
    after: { is_default: isDefault },
  });
}
