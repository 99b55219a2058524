import { HealthModule, releaseVersion } from '@libs/http';
import { AuditLogRepository } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { Holds, OutflowCeilingOrders, PayingBrake } from '@libs/submissions';
import { TenantsRepository } from '@libs/tenants';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { type Platform, PlatformModule } from '../platform.module';
import { reasonsNotToServe } from '../readiness';
import { DefaultTenant } from './default-tenant.service';
import { OperatorGuard } from './operator.guard';
import { OperatorAudit } from './operator-audit.service';
import { OutflowCeilingsController } from './outflow-ceilings.controller';
import { PayingController } from './paying.controller';
import { TenantChanges } from './tenant-changes.service';
import { TenantsController } from './tenants.controller';

/** What the operator of the platform may call. */
@Module({})
export class OperatorModule {
  static with(platform: Platform): DynamicModule {
    return {
      module: OperatorModule,
      imports: [
        PlatformModule.with(platform),
        HealthModule.with({
          serviceId: 'admin',
          version: releaseVersion(),
          databaseAnswers: null,
          notReady: () => reasonsNotToServe(platform.database),
        }),
      ],
      controllers: [TenantsController, PayingController, OutflowCeilingsController],
      providers: [
        { provide: TenantsRepository, useFactory: () => new TenantsRepository() },
        { provide: Holds, useFactory: () => new Holds() },
        { provide: AuditLogRepository, useFactory: () => new AuditLogRepository() },
        OperatorAudit,
        TenantChanges,
        DefaultTenant,
        {
          provide: PayingBrake,
          useFactory: (uow: UnitOfWork) => new PayingBrake(uow),
          inject: [UnitOfWork],
        },
        {
          provide: OutflowCeilingOrders,
          useFactory: () => new OutflowCeilingOrders(),
        },
        { provide: APP_GUARD, useClass: OperatorGuard },
      ],
    };
  }
}
