import { Outbox } from '@libs/eventing';
import { HealthModule, releaseVersion } from '@libs/http';
import { MessageRepository, ShortLinkRepository } from '@libs/messages';
import {
  DepositRepository,
  OneTimeCodeRepository,
  RegistrationRepository,
  WebAuthNonceRepository,
} from '@libs/receivers';
import { DestinationRepository } from '@libs/submissions';
import { OrganizationsRepository } from '@libs/tenants';
import { type DynamicModule, Module } from '@nestjs/common';

import { DepositsController } from './deposits/deposits.controller';
import { DepositsService } from './deposits/deposits.service';
import { WaitingPaymentsReadModel } from './deposits/waiting-payments.read-model';
import { LogoController } from './organization/logo.controller';
import { PageVisits } from './page/page-visits.service';
import { RegistrationPageController } from './page/registration-page.controller';
import { type Platform, PlatformModule } from './platform.module';
import { CodeMessages } from './registration/code-messages.service';
import { CodeRequestsService } from './registration/code-requests.service';
import { CompletedRegistrations } from './registration/completed-registrations.service';
import { ContactQueue } from './registration/contact-queue';
import { RegistrationCaptcha } from './registration/registration-captcha.service';
import { RegistrationController } from './registration/registration.controller';
import { RegistrationReadModel } from './registration/registration.read-model';
import { RegistrationsService } from './registration/registrations.service';
import { ShortLinksController } from './short-links/short-links.controller';
import { StellarTomlController } from './toml/stellar-toml.controller';
import { ClientDomains } from './web-auth/client-domains.service';
import { WebAuthController } from './web-auth/web-auth.controller';
import { SeenAccounts } from './web-auth/seen-accounts';
import { WebAuthService } from './web-auth/web-auth.service';

/** What strangers on the internet may reach. */
@Module({})
export class AppModule {
  static with(platform: Platform): DynamicModule {
    const { settings, database } = platform;
    const databaseAnswers = async (): Promise<boolean> => {
      await database.pool.query('SELECT 1');
      return true;
    };
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(platform),
        HealthModule.with({
          serviceId: 'recipient-api',
          version: releaseVersion(),
          databaseAnswers,
          notReady: platform.notReady,
        }),
      ],
      controllers: [
        StellarTomlController,
        WebAuthController,
        DepositsController,
        RegistrationController,
        RegistrationPageController,
        ShortLinksController,
        LogoController,
      ],
      providers: [
        Outbox,
        WebAuthService,
        SeenAccounts,
        DestinationRepository,
        WebAuthNonceRepository,
        DepositsService,
        DepositRepository,
        WaitingPaymentsReadModel,
        CodeRequestsService,
        CodeMessages,
        CompletedRegistrations,
        RegistrationsService,
        RegistrationReadModel,
        RegistrationCaptcha,
        PageVisits,
        RegistrationRepository,
        OneTimeCodeRepository,
        ContactQueue,
        OrganizationsRepository,
        ShortLinkRepository,
        {
          provide: ClientDomains,
          useValue: new ClientDomains({ allowPrivate: settings.CLIENT_DOMAIN_ALLOW_PRIVATE }),
        },
        { provide: MessageRepository, useValue: new MessageRepository(settings.MESSAGE_ENCRYPTION_KEY) },
      ],
    };
  }
}
