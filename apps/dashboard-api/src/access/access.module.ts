import { IdempotencyKeysRepository } from '@libs/http';
import {
  AuditLogRepository,
  CallersRepository,
  KnownPlacesRepository,
  LoginFailuresRepository,
  LoginService,
  MfaCodesRepository,
  PasswordHasher,
  RefreshTokensRepository,
  SecondFactor,
  SessionsRepository,
  StaffTokens,
  UsersRepository,
} from '@libs/identity';
import { Clock } from '@libs/kernel';
import { Database, UnitOfWork } from '@libs/persistence';
import { OrganizationsRepository, TenantDirectory, TenantsRepository } from '@libs/tenants';
import { Global, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';

import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { AccessGuard } from './access.guard';
import { CallerFinder } from './caller-finder.service';
import { LogTenant } from './log-tenant';

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
  { provide: IdempotencyKeysRepository, useFactory: () => new IdempotencyKeysRepository() },
  { provide: OrganizationsRepository, useFactory: () => new OrganizationsRepository() },
  { provide: TenantsRepository, useFactory: () => new TenantsRepository() },
  { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
  {
    provide: StaffTokens,
    inject: [SETTINGS, Clock],
    useFactory: (settings: StaffSettings, clock: Clock) => new StaffTokens(settings.EC256_PRIVATE_KEY, clock),
  },
  {
    provide: SecondFactor,
    inject: [SETTINGS],
    useFactory: (settings: StaffSettings) =>
      new SecondFactor(new MfaCodesRepository(), settings.VERIFICATION_PEPPER),
  },
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
      }),
  },
];

/** Who may enter: tokens, sessions, tenants, and the guard in front of every route. */
@Global()
@Module({
  providers: [
    ...parts,
    CallerFinder,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: LogTenant },
  ],
  exports: parts.map(({ provide }) => provide),
})
export class AccessModule {}
