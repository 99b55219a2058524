import { HealthModule, releaseVersion } from '@libs/http';
import { type DynamicModule, Module } from '@nestjs/common';

import { AccessModule } from './access/access.module';
import { type Platform, PlatformModule } from './platform.module';
import { SessionModule } from './session/session.module';

/** What staff may call. */
@Module({})
export class AppModule {
  static with(platform: Platform): DynamicModule {
    const databaseAnswers = async (): Promise<boolean> => {
      await platform.database.pool.query('SELECT 1');
      return true;
    };
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(platform),
        HealthModule.with({
          serviceId: 'serve',
          version: releaseVersion(),
          databaseAnswers,
          notReady: async () =>
            (await databaseAnswers().catch(() => false)) ? [] : ['the database does not answer'],
        }),
        AccessModule,
        SessionModule,
      ],
    };
  }
}
