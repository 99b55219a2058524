import { traceOf } from '@libs/http';
import { auditing, AuditLogRepository } from '@libs/identity';
import type { TenantContext } from '@libs/persistence';
import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { auditedRequestOf } from '../access/audited-request';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

/** Who acts in a database transaction, and what the audit log keeps of it; of which organisation is yet to be said. */
export type OperatorActs = Required<Omit<TenantContext, 'tenantId'>>;

/** What the operator changes for an organisation is in its audit log, in the same database transaction. */
@Injectable()
export class OperatorAudit {
  constructor(
    private readonly auditLog: AuditLogRepository,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  /** `route` as in the document of the API: `PATCH /tenants/:id`. */
  actsOf(request: Request, route: { readonly method: string; readonly path: string }): OperatorActs {
    const name = this.settings.ADMIN_ACCOUNT;
    const audited = auditedRequestOf(request, route, { type: 'operator', id: name, name });
    return {
      actor: `operator:${name}`,
      trace: traceOf(request),
      beforeCommit: auditing(this.auditLog, audited),
    };
  }
}
