import { HttpProblem } from '@libs/http';
import { noteChange, noteNothing } from '@libs/identity';
import { err, isNative, ok, type Result } from '@libs/kernel';
import { LedgerReader, LedgerUnreachableError } from '@libs/ledger';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Holds, type StillPayable } from '@libs/submissions';
import { type Tenant, TenantsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import type { OperatorActs } from './operator-audit.service';
import { tenantJson } from './tenant-json';

export interface TenantChange {
  readonly baseUrl?: string;
  readonly sdpUiBaseUrl?: string;
  readonly status?: 'ACTIVATED' | 'DEACTIVATED';
}

export interface ChangedTenant {
  readonly tenant: Tenant;
  /** What was sent to the ledger before a deactivation took effect. */
  readonly mayStillBePaid: readonly StillPayable[];
}

export type Removal =
  | { readonly kind: 'deleted' | 'deleted_before'; readonly tenant: Tenant }
  | { readonly kind: 'refused'; readonly why: string };

const HOLD_REASON = 'tenant deactivated';
const STROOPS_PER_XLM = 10_000_000n;
const XLM_LEFT_MAX = 100n * STROOPS_PER_XLM;

/** Switches organisations off and on, and deletes them. A deleted one keeps its rows, its name and its audit log. */
@Injectable()
export class TenantChanges {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tenants: TenantsRepository,
    private readonly holds: Holds,
    private readonly ledger: LedgerReader,
  ) {}

  /** Null when there is no such tenant; an error says why the tenant stays as it is. */
  async change(
    id: string,
    change: TenantChange,
    acts: OperatorActs,
  ): Promise<Result<ChangedTenant, string> | null> {
    return await this.unitOfWork.run({ tenantId: id, ...acts }, async (tx) => {
      const before = await this.tenants.lock(tx, id);
      if (before === null || before.deletedAt !== null) {
        noteNothing(tx);
        return null;
      }
      const { status } = change;
      const why = status === undefined ? null : await this.whyNot(tx, before, status);
      if (why !== null) {
        noteNothing(tx);
        return err(why);
      }
      const mayStillBePaid = status === undefined ? [] : await this.switch(tx, id, status);
      await this.tenants.changeUrls(tx, id, change);
      const tenant = (await this.tenants.findById(tx, id)) ?? before;
      noteChange(tx, {
        subjectType: 'tenants',
        subjectId: id,
        before: tenantJson(before),
        after: tenantJson(tenant),
      });
      return ok({ tenant, mayStillBePaid });
    });
  }

  /** Null when there is no such tenant. */
  async remove(id: string, acts: OperatorActs): Promise<Removal | null> {
    const found = await this.unitOfWork.runSystem('the operator deletes a tenant', (tx) =>
      this.tenants.findById(tx, id),
    );
    if (found === null) return null;
    if (found.deletedAt !== null) return { kind: 'deleted_before', tenant: found };
    if (found.status !== 'DEACTIVATED') {
      return { kind: 'refused', why: 'tenant must be deactivated to be deleted' };
    }
    const left = await this.moneyLeft(found);
    if (left !== null) return { kind: 'refused', why: left };
    return await this.unitOfWork.run({ tenantId: id, ...acts }, async (tx) => {
      const before = await this.tenants.lock(tx, id);
      if (before === null || before.status !== 'DEACTIVATED') {
        noteNothing(tx);
        return { kind: 'refused', why: 'tenant must be deactivated to be deleted' };
      }
      if (!(await this.tenants.markDeleted(tx, id))) {
        noteNothing(tx);
        return { kind: 'deleted_before', tenant: before };
      }
      const tenant = (await this.tenants.findById(tx, id)) ?? before;
      noteChange(tx, { subjectType: 'tenants', subjectId: id, before: null, after: tenantJson(tenant) });
      return { kind: 'deleted', tenant };
    });
  }

  private async whyNot(
    tx: TenantTx,
    tenant: Tenant,
    status: 'ACTIVATED' | 'DEACTIVATED',
  ): Promise<string | null> {
    if (status === 'ACTIVATED') {
      return tenant.status === 'DEACTIVATED'
        ? null
        : 'cannot activate tenant for tenant that is not deactivated';
    }
    if (tenant.isDefault) return 'cannot deactivate default tenant';
    if (tenant.status === 'CREATED') return 'cannot perform update on tenant to requested status';
    return (await hasActivePayments(tx)) ? 'cannot deactivate tenant with active payments' : null;
  }

  /** Whoever is switched off already stays so: asking again changes nothing. */
  private async switch(
    tx: TenantTx,
    id: string,
    status: 'ACTIVATED' | 'DEACTIVATED',
  ): Promise<readonly StillPayable[]> {
    const subject = { type: 'tenant', id } as const;
    if (status === 'ACTIVATED') {
      await this.tenants.move(tx, id, 'activate', tx.actor);
      await this.holds.release(tx, subject, HOLD_REASON);
      return [];
    }
    const mayStillBePaid = await this.holds.hold(tx, subject, HOLD_REASON);
    await this.tenants.move(tx, id, 'deactivate', tx.actor);
    return mayStillBePaid;
  }

  /** Why the tenant's own account is not empty enough; null when it is, or when it is the host's. */
  private async moneyLeft(tenant: Tenant): Promise<string | null> {
    const { distributionAccountAddress: address, distributionAccountType: type } = tenant;
    if (address === null || type === 'DISTRIBUTION_ACCOUNT.STELLAR.ENV') return null;
    try {
      const account = await this.ledger.account(address);
      const tooMuch = account?.balances.find(
        ({ asset, balance }) => balance > (isNative(asset) ? XLM_LEFT_MAX : 0n),
      );
      if (tooMuch === undefined) return null;
      return `the distribution account ${address} still holds ${tooMuch.asset.code}: it must hold at most 100 XLM and nothing else to delete the tenant`;
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      throw new HttpProblem(503, {
        error:
          'the ledger does not answer, so nobody knows what the distribution account holds. Please try again.',
      });
    }
  }
}

/** Payments that would be paid if nobody stopped them, or that are on their way: of a disbursement that was just started, all. */
async function hasActivePayments(tx: TenantTx): Promise<boolean> {
  const row = await tx.queryOne(
    `SELECT FROM disbursements.payments WHERE tenant_id = $1 AND status = 'READY'
     UNION ALL
     SELECT FROM disbursements.payments WHERE tenant_id = $1 AND status = 'PENDING'
     UNION ALL
     SELECT FROM disbursements.disbursements WHERE tenant_id = $1 AND status = 'STARTED' AND open > 0 LIMIT 1`,
    [tx.tenantId],
  );
  return row !== null;
}
