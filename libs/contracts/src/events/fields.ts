import { z } from 'zod';

/** An amount on the bus: a decimal string with exactly seven decimals. */
export const amountField = z.string().regex(/^[0-9]{1,12}\.[0-9]{7}$/);

export const accountField = z.string().regex(/^G[A-Z2-7]{55}$/);

export const assetField = z.strictObject({
  id: z.uuid(),
  code: z.string().regex(/^[A-Za-z0-9]{1,12}$/),
  /** Empty for XLM. */
  issuer: z.union([z.literal(''), accountField]),
});

export const ledgerHashField = z.string().regex(/^[0-9a-f]{64}$/);

/** The most subjects that one event names; the cutter in libs/eventing also cuts by bytes. */
export const ITEMS_PER_EVENT_MAX = 250;
