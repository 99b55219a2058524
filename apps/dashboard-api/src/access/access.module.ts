import { HttpProblem, IdempotencyKeysRepository } from '@libs/http';
import {
  AuditLogRepository,
  CallersRepository,
  KnownPlacesRepository,
  LoginFailuresRepository,
  LoginService,
  MfaCodesRepository,
  noteNothing,
  PasswordHasher,
  RefreshTokensRepository,
  SessionsRepository,
  StaffTokens,
  UsersRepository,
} from '@libs/identity';
import { Clock } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, TenantDirectory, TenantsRepository } from '@libs/tenants';
import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { AccessGuard } from './access.guard';
import { CallerLook } from './caller-look.service';
import { CallerFinder } from './caller-finder.service';
import { FACTOR_PROVIDERS } from '../second-factor/factor-providers';
import { StepUp } from './step-up.service';

/** As everywhere else where there is too much to do. */
const tooManyPasswords = (): HttpProblem => new HttpProblem(503, {}, 5);

const parts = [
  { provide: UsersRepository, useFactory: () => new UsersRepository() },
  { provide: SessionsRepository, useFactory: () => new SessionsRepository() },
  { provide: AuditLogRepository, useFactory: () => new AuditLogRepository() },
  { provide: RefreshTokensRepository, useFactory: () => new RefreshTokensRepository() },
  {
    provide: CallersRepository,
    inject: [Database],
    useFactory: (database: Database) => new CallersRepository(database),
  },
  {
    provide: IdempotencyKeysRepository,
    useFactory: () => new IdempotencyKeysRepository({ onAnsweredAgain: noteNothing }),
  },
  { provide: OrganizationsRepository, useFactory: () => new OrganizationsRepository() },
  { provide: TenantsRepository, useFactory: () => new TenantsRepository() },
  { provide: PasswordHasher, useFactory: () => new PasswordHasher(tooManyPasswords) },
  {
    provide: StaffTokens,
    inject: [SETTINGS, Clock],
    useFactory: (settings: StaffSettings, clock: Clock) => new StaffTokens(settings.EC256_PRIVATE_KEY, clock),
  },
  ...FACTOR_PROVIDERS,
  {
    provide: TenantDirectory,
    inject: [SETTINGS, TenantsRepository],
    useFactory: (settings: StaffSettings, tenants: TenantsRepository) =>
      new TenantDirectory(tenants, { singleTenantMode: settings.SINGLE_TENANT_MODE }),
  },
  {
    provide: LoginService,
    inject: [
      UnitOfWork,
      UsersRepository,
      SessionsRepository,
      RefreshTokensRepository,
      PasswordHasher,
      StaffTokens,
    ],
    useFactory: (
      unitOfWork: UnitOfWork,
      users: UsersRepository,
      sessions: SessionsRepository,
      ...[refreshTokens, hasher, tokens]: [RefreshTokensRepository, PasswordHasher, StaffTokens]
    ) =>
      new LoginService({
        unitOfWork,
        users,
        sessions,
        refreshTokens,
        hasher,
        tokens,
        failures: new LoginFailuresRepository(),
        places: new KnownPlacesRepository(),
        devices: new MfaCodesRepository(),
      }),
  },
];

/** Who may enter: tokens, sessions, tenants, and the guard in front of every route. */
@Global()
@Module({
  providers: [...parts, CallerLook, CallerFinder, StepUp, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [...parts.map(({ provide }) => provide), StepUp],
})
export class AccessModule {}
