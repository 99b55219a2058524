import { z } from 'zod';

import { defineEvent } from './envelope';
import { accountField, assetField } from './fields';

export const LEDGER_ACCOUNT_ACTIONS = ['create-account', 'trust-asset', 'remove-asset'] as const;

/** Create a tenant's distribution account, or add or remove one of its trustlines. */
export const ledgerAccountRequestedV1 = defineEvent({
  topic: 'events.ledger-account.requested',
  types: ['ledger-account-requested'],
  version: 1,
  data: z.strictObject({
    request_id: z.uuid(),
    action: z.enum(LEDGER_ACCOUNT_ACTIONS),
    asset: assetField.nullable(),
  }),
});

export const ledgerAccountReadyV1 = defineEvent({
  topic: 'events.ledger-account.ready',
  types: ['ledger-account-done', 'ledger-account-refused'],
  version: 1,
  data: z.strictObject({
    request_id: z.uuid(),
    action: z.enum(LEDGER_ACCOUNT_ACTIONS),
    account: accountField.nullable(),
    /** Why it was refused, in ASCII; null when it was done. */
    reason: z.string().max(200).nullable(),
  }),
});
