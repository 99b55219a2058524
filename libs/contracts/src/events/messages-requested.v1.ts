import { z } from 'zod';

import { defineEvent } from './envelope';
import { ITEMS_PER_EVENT_MAX } from './fields';

/** These stored messages (one-time codes, staff mail) are to be sent. */
export const messagesRequestedV1 = defineEvent({
  topic: 'events.messages.requested',
  types: ['messages-requested'],
  version: 1,
  data: z.strictObject({
    message_ids: z.array(z.uuid()).min(1).max(ITEMS_PER_EVENT_MAX),
  }),
  order: 'none',
});
