import { apiKeyMigrations } from './migrations/api-keys.migration';
import { auditLogMigrations } from './migrations/audit-log.migration';
import { callerBatchMigrations } from './migrations/caller-batch.migration';
import { callerLookUpMigrations } from './migrations/caller-look-up.migration';
import { identityMigrations as identityTablesMigrations } from './migrations/identity.migration';
import { secondFactorMigrations } from './migrations/second-factor.migration';
import { signInMigrations } from './migrations/sign-in.migration';
import { waitingPasskeyMigrations } from './migrations/waiting-passkeys.migration';

export { isAllowedAddress, isWithin, normalisedNetwork } from './api-keys/allowed-addresses';
export { API_KEY_PREFIX, type ApiKeyText, readApiKey } from './api-keys/api-key-text';
export { type ApiKey, ApiKeysRepository, type NewApiKey } from './api-keys/api-keys.repository';
export { grants, isPermission, type Permission, PERMISSIONS } from './api-keys/permissions';
export { type AuditActor, type AuditEntry, type AuditRecord } from './audit/audit-entry';
export { type AuditFilter, AuditLogRepository } from './audit/audit-log.repository';
export {
  type AuditedRequest,
  auditing,
  noteChange,
  noteNothing,
  noteSubject,
  type NotedChange,
  onlyLooking,
} from './audit/audit-trail';
export { type AuditHead, type AuditVerification, AuditVerifier } from './audit/audit-verification';
export { LoginFailuresRepository } from './login-failures.repository';
export {
  type Credentials,
  type CredentialsCheck,
  type LoginParts,
  LoginService,
  type OpenedSession,
} from './login.service';
export { type RequestOrigin } from './login-subjects';
export { PasswordHasher } from './password-hasher';
export { PasswordResetsRepository, type ResetTokenCheck } from './password-resets.repository';
export { brokenPasswordRules } from './password.policy';
export { MfaCodesRepository, type RememberedDevice } from './second-factor/mfa-codes.repository';
export { Passkeys, type PasskeySite } from './second-factor/passkeys';
export { type Passkey, PasskeysRepository } from './second-factor/passkeys.repository';
export { RecoveryCodesRepository } from './second-factor/recovery-codes.repository';
export {
  type FactorKind,
  hasOwnFactor,
  MFA_CODE_SECONDS,
  type OwnFactors,
  type Proof,
  type Redemption,
  SecondFactor,
} from './second-factor/second-factor';
export { TotpSecretsRepository } from './second-factor/totp-secrets.repository';
export { SESSION_MAX_SECONDS, SessionsRepository, type SessionSummary } from './sessions.repository';
export {
  CallersRepository,
  type KeyCaller,
  type KeyCandidate,
  type SessionCaller,
} from './sessions/callers.repository';
export { KnownPlacesRepository } from './sessions/known-places.repository';
export {
  type RefreshTokenCheck,
  RefreshTokensRepository,
  tenantOfRefreshToken,
} from './sessions/refresh-tokens.repository';
export { StaffTokens, type StaffTokenSubject } from './staff-tokens';
export { isEmail, normalisedEmail, type StaffUser } from './staff-user';
export { type NewUser, type UserSort, UsersRepository } from './users.repository';

export const identityMigrations = [
  ...identityTablesMigrations,
  ...signInMigrations,
  ...apiKeyMigrations,
  ...auditLogMigrations,
  ...secondFactorMigrations,
  ...callerLookUpMigrations,
  ...callerBatchMigrations,
  ...waitingPasskeyMigrations,
];
