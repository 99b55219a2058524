import { z } from 'zod';

import { MEMO_TYPES } from '../statuses';

/** An amount on the bus: a decimal string with exactly seven decimals. */
export const amountField = z.string().regex(/^[0-9]{1,12}\.[0-9]{7}$/);

export const accountField = z.string().regex(/^G[A-Z2-7]{55}$/);

export const assetField = z.strictObject({
  id: z.uuid(),
  code: z.string().regex(/^[A-Za-z0-9]{1,12}$/),
  /** Empty for XLM. */
  issuer: z.union([z.literal(''), accountField]),
});

/** A memo of a payment. A text memo is at most 28 bytes of UTF-8, an id a uint64, hash and return 64 hex digits. */
export const memoField = z.strictObject({
  type: z.enum(MEMO_TYPES),
  value: z.string().min(1).max(64),
});

export const ledgerHashField = z.string().regex(/^[0-9a-f]{64}$/);

/** The most subjects that one event names; the cutter in libs/eventing also cuts by bytes. */
export const ITEMS_PER_EVENT_MAX = 250;
