export { type Connection, Database, type DatabaseOptions } from './database';
export { NoConnectionError } from './database.errors';
export { DirectSession, type DirectSessionOptions } from './direct-session';
export { type Grants, schemaFor, searchableTable, searchFunction, systemTable, tenantTable } from './grants';
export { Listener, type ListenerOptions } from './listener';
export { migrate, type MigrateOptions, type Migration } from './migrations-runner';
export { foundationMigrations } from './migrations/foundation.migration';
export { historyTimesMigrations } from './migrations/history-times.migration';
export { isMostlyOwn } from './mostly-own';
export { ofNamedRows } from './named-by-ids';
export { APP_NAMES, APP_ROLES, type AppName, SEARCH_ROLE } from './roles';
export {
  seal,
  SealedColumnError,
  sealedFor,
  sealingKeyIdOf,
  sealText,
  unseal,
  unsealText,
} from './sealed-column';
export { type SqlValue, SystemTx, type TenantContext, TenantTx } from './tx';
export { type TenantSession, UnitOfWork } from './unit-of-work';
export {
  OFTEN_VACUUMED,
  OFTEN_VACUUMED_OF_FEW,
  resetVacuum,
  setVacuum,
  SMALL_AND_HOT,
} from './vacuum-settings';
export { WaitingLine } from './waiting-line';
