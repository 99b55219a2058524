export { disbursementsMigrations } from './migrations/disbursements.migration';
