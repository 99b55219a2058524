import { HealthModule, releaseVersion } from '@libs/http';
import { type DynamicModule, Module } from '@nestjs/common';

import { AccessModule } from './access/access.module';
import { ApiKeysModule } from './api-keys/api-keys.module';
import { AuditModule } from './audit/audit.module';
import { CatalogueModule } from './catalogue/catalogue.module';
import { DisbursementsModule } from './disbursements/disbursements.module';
import { ExportsModule } from './exports/exports.module';
import { OpenApiController } from './openapi/openapi.controller';
import { OrganizationModule } from './organization/organization.module';
import { PeopleModule } from './people/people.module';
import { PaymentsModule } from './payments/payments.module';
import { type Platform, PlatformModule } from './platform.module';
import { databaseAnswers, reasonsNotToServe } from './readiness';
import { ReceiversModule } from './receivers/receivers.module';
import { SecondFactorModule } from './second-factor/second-factor.module';
import { SessionModule } from './session/session.module';
import { StatisticsModule } from './statistics/statistics.module';

/** What staff may call. */
@Module({})
export class AppModule {
  static with(platform: Platform): DynamicModule {
    return {
      module: AppModule,
      controllers: [OpenApiController],
      imports: [
        PlatformModule.with(platform),
        HealthModule.with({
          serviceId: 'serve',
          version: releaseVersion(),
          databaseAnswers: () => databaseAnswers(platform.database),
          notReady: () => reasonsNotToServe(platform.database),
        }),
        AccessModule,
        SessionModule,
        SecondFactorModule,
        ApiKeysModule,
        AuditModule,
        OrganizationModule,
        PeopleModule,
        CatalogueModule,
        ReceiversModule,
        DisbursementsModule,
        PaymentsModule,
        ExportsModule,
        StatisticsModule,
      ],
    };
  }
}
