export { receiversMigrations } from './migrations/receivers.migration';
