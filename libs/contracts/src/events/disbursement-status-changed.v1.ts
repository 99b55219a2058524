import { z } from 'zod';

import { defineEvent } from './envelope';

/** A person started, paused or resumed a disbursement. A newer `goal_version` replaces an older one. */
export const disbursementStatusChangedV1 = defineEvent({
  topic: 'events.disbursement.status_changed',
  types: ['disbursement-started', 'disbursement-paused', 'disbursement-resumed'],
  version: 1,
  data: z.strictObject({
    disbursement_id: z.uuid(),
    goal_version: z.int().positive(),
  }),
});
