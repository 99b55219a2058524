export { tenantsMigrations } from './migrations/tenants.migration';
