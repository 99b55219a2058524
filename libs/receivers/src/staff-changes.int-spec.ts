import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';

import { StaffChanges } from './staff-changes.repository';

twoTenantSuite('changes of people by staff', {
  app: 'dashboardApi',
  tables: ['receivers.staff_changes'],
  given: (tx) => new StaffChanges().note(tx, newId(), newId()),
});
