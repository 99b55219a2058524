export { receiversMigrations } from './migrations/receivers.migration';
export { InvitationStampsRepository } from './invitation-stamps.repository';
export { registrationMigrations } from './migrations/registration.migration';
