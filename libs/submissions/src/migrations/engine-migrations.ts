import type { Migration } from '@libs/persistence';

import { cheaperRowsMigrations } from './cheaper-rows.migration';
import { destinationsMigrations } from './destinations.migration';
import { directFirstMigrations } from './direct-first.migration';
import { feesMigrations } from './fees.migration';
import { forgottenPaymentsMigrations } from './forgotten-payments.migration';
import { identityMarksMigrations } from './identity-marks.migration';
import { oneOpenDispatchMigrations } from './one-open-dispatch.migration';
import { ownCausesMigrations } from './own-causes.migration';
import { setupSequencesMigrations } from './setup-sequences.migration';
import { splitGroupsMigrations } from './split-groups.migration';
import { submissionVacuumMigrations } from './vacuum.migration';
import { vacuumOfFewMigrations } from './vacuum-of-few.migration';

/** What the engine's tables became after their first form. */
export const engineMigrations: readonly Migration[] = [
  ...splitGroupsMigrations,
  ...cheaperRowsMigrations,
  ...directFirstMigrations,
  ...feesMigrations,
  ...destinationsMigrations,
  ...identityMarksMigrations,
  ...ownCausesMigrations,
  ...forgottenPaymentsMigrations,
  ...submissionVacuumMigrations,
  ...setupSequencesMigrations,
  ...oneOpenDispatchMigrations,
  ...vacuumOfFewMigrations,
];
