export { identityMigrations } from './migrations/identity.migration';
