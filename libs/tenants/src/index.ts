import { captchaWishesMigrations } from './migrations/captcha-wishes.migration';
import { ledgerAccountRequestsMigrations } from './migrations/ledger-account-requests.migration';
import { paymentTermsMigrations } from './migrations/payment-terms.migration';
import { organizationSecurityMigrations } from './migrations/organization-security.migration';
import { secondApproverMigrations } from './migrations/second-approver.migration';
import { tenantsMigrations as tenantTablesMigrations } from './migrations/tenants.migration';

export { captchaWithoutKeys } from './captcha-without-keys';
export {
  type LedgerAccountAction,
  type LedgerAccountRequest,
  LedgerAccountRequestsRepository,
} from './ledger-account-requests.repository';
export {
  DEFAULT_INVITATION_TEMPLATE,
  DEFAULT_OTP_TEMPLATE,
  type Logo,
  type Organization,
  type OrganizationChange,
} from './organization';
export { templateMistake, type TemplateKind } from './message-template.policy';
export { OrganizationsRepository } from './organizations.repository';
export {
  PAYMENTS_PER_ENVELOPE_MAX,
  type PaymentTerms,
  PaymentTermsRepository,
} from './payment-terms.repository';
export {
  DISTRIBUTION_ACCOUNT_TYPES,
  type DistributionAccountType,
  isUsable,
  logoUrlOf,
  type Tenant,
} from './tenant';
export { TenantDirectory, type TenantHints, tenantNameOfHost } from './tenant-directory';
export { type NewTenant, tenantFromJson, type TenantJson, TenantsRepository } from './tenants.repository';

export const tenantsMigrations = [
  ...tenantTablesMigrations,
  ...ledgerAccountRequestsMigrations,
  ...organizationSecurityMigrations,
  ...secondApproverMigrations,
  ...paymentTermsMigrations,
  ...captchaWishesMigrations,
];
export { TenantIdsReadModel } from './tenant-ids.read-model';
