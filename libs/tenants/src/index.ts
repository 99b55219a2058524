export { tenantsMigrations } from './migrations/tenants.migration';
export { DISTRIBUTION_ACCOUNT_TYPES, type DistributionAccountType, isUsable, type Tenant } from './tenant';
export { TenantDirectory, type TenantHints, tenantNameOfHost } from './tenant-directory';
export { type NewTenant, TenantsRepository } from './tenants.repository';
