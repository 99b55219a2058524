export { LoginFailuresRepository } from './login-failures.repository';
export { type Credentials, type CredentialsCheck, type LoginParts, LoginService } from './login.service';
export { identityMigrations } from './migrations/identity.migration';
export { PasswordHasher } from './password-hasher';
export { brokenPasswordRules } from './password.policy';
export { SessionsRepository } from './sessions.repository';
export { STAFF_TOKEN_SECONDS, StaffTokens, type StaffTokenSubject } from './staff-tokens';
export { isEmail, normalisedEmail, type StaffUser } from './staff-user';
export { type NewUser, type UserSort, UsersRepository } from './users.repository';
