import { assetCheckMigrations, catalogueMigrations } from '@libs/catalogue';
import { disbursementsMigrations } from '@libs/disbursements';
import { eventingMigrations } from '@libs/eventing';
import { httpMigrations } from '@libs/http';
import { identityMigrations } from '@libs/identity';
import { messagesMigrations } from '@libs/messages';
import { foundationMigrations, historyTimesMigrations, type Migration } from '@libs/persistence';
import { receiversMigrations } from '@libs/receivers';
import {
  agreedHistoryMigrations,
  brakesMigrations,
  channelSharingMigrations,
  databaseIdentityMigrations,
  engineMigrations,
  keyRotationMigrations,
  ledgerCursorsMigrations,
  outflowCeilingsMigrations,
  reconciliationMigrations,
  submissionsMigrations,
} from '@libs/submissions';
import { tenantsMigrations } from '@libs/tenants';

/** Every library's migrations. They run in the order of their timestamps. */
export const ALL_MIGRATIONS: readonly Migration[] = [
  ...foundationMigrations,
  ...eventingMigrations,
  ...tenantsMigrations,
  ...httpMigrations,
  ...identityMigrations,
  ...catalogueMigrations,
  ...assetCheckMigrations,
  ...receiversMigrations,
  ...disbursementsMigrations,
  ...messagesMigrations,
  ...submissionsMigrations,
  ...databaseIdentityMigrations,
  ...engineMigrations,
  ...ledgerCursorsMigrations,
  ...brakesMigrations,
  ...reconciliationMigrations,
  ...agreedHistoryMigrations,
  ...outflowCeilingsMigrations,
  ...keyRotationMigrations,
  ...channelSharingMigrations,
  ...historyTimesMigrations,
];
