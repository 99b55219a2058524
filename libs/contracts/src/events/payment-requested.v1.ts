import { z } from 'zod';

import { defineEvent } from './envelope';
import { ITEMS_PER_EVENT_MAX } from './fields';

/** A direct payment was created, or payments were retried or cancelled by a person. */
export const paymentRequestedV1 = defineEvent({
  topic: 'events.payment.requested',
  types: ['payment-direct-payment-created', 'payment-retried', 'payment-cancellation-requested'],
  version: 1,
  data: z.strictObject({
    payment_ids: z.array(z.uuid()).min(1).max(ITEMS_PER_EVENT_MAX),
  }),
});
