import { HealthModule, releaseVersion } from '@libs/http';
import { TenantsRepository } from '@libs/tenants';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { type Platform, PlatformModule } from '../platform.module';
import { reasonsNotToServe } from '../readiness';
import { OperatorGuard } from './operator.guard';
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
      controllers: [TenantsController],
      providers: [
        { provide: TenantsRepository, useFactory: () => new TenantsRepository() },
        { provide: APP_GUARD, useClass: OperatorGuard },
      ],
    };
  }
}
