export { type Connection, Database, type DatabaseOptions } from './database';
export { type Grants, schemaFor, systemTable, tenantTable } from './grants';
export { Listener, type ListenerOptions } from './listener';
export { migrate, type MigrateOptions, type Migration } from './migrations-runner';
export { foundationMigrations } from './migrations/foundation.migration';
export { APP_NAMES, APP_ROLES, type AppName, systemRoleOf } from './roles';
export { seal, SealedColumnError, sealedFor, sealText, unseal, unsealText } from './sealed-column';
export { type SqlValue, SystemTx, TenantTx } from './tx';
export { type TenantContext, UnitOfWork } from './unit-of-work';
