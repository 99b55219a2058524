export { type Connection, Database, type DatabaseOptions } from './database';
export { DirectSession, type DirectSessionOptions } from './direct-session';
export {
  type Grants,
  OFTEN_VACUUMED,
  schemaFor,
  searchableTable,
  searchFunction,
  SMALL_AND_HOT,
  systemTable,
  tenantTable,
  vacuumedAs,
} from './grants';
export { Listener, type ListenerOptions } from './listener';
export { migrate, type MigrateOptions, type Migration } from './migrations-runner';
export { foundationMigrations } from './migrations/foundation.migration';
export { isWithoutConnection } from './no-connection';
export { APP_NAMES, APP_ROLES, type AppName, SEARCH_ROLE } from './roles';
export { seal, sealedFor, sealingKeyIdOf, sealText, unseal, unsealText } from './sealed-column';
export { type SqlValue, SystemTx, type TenantContext, TenantTx } from './tx';
export { type TenantSession, UnitOfWork } from './unit-of-work';
