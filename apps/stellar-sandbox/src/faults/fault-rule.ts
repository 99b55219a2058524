import { StrKey } from '@stellar/stellar-sdk';
import { z } from 'zod';

import { REFUSALS } from '../engine/refusals';

/** When a fault strikes: before the network has seen it, once it is in the queue, or once it is in a ledger. */
const when = z.enum(['before', 'accepted', 'included']).default('accepted');

/** What becomes of an accepted ledger transaction beside what is answered: included late, or never. */
const fate = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('late_inclusion'), ledgers: z.int().min(1).max(100_000) }),
    z.object({ kind: z.literal('drop'), how: z.enum(['at_once', 'with_age']).default('at_once') }),
  ])
  .optional();

const action = z.discriminatedUnion('kind', [
  /** The connection is cut instead of an answer. */
  z.object({ kind: z.literal('cut'), when, fate }),
  /** The true answer, this much later. */
  z.object({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000), fate }),
  /** Another answer than the true one. */
  z.object({
    kind: z.literal('respond'),
    when,
    status: z.int().min(200).max(599),
    /** `broken` is JSON that ends in the middle. */
    body: z.enum(['problem', 'html', 'empty', 'broken']).default('problem'),
    /** For 504: whether `extras.hash` names the ledger transaction. */
    hash: z.boolean().default(true),
    retryAfter: z.int().min(0).max(3600).optional(),
    fate,
  }),
  /** Accepted, and included so many ledgers later than it would be. */
  z.object({ kind: z.literal('late_inclusion'), ledgers: z.int().min(1).max(100_000) }),
  /** Accepted, and never included: gone at once, or after four ledgers in the queue (then refused for ten). */
  z.object({ kind: z.literal('drop'), how: z.enum(['at_once', 'with_age']).default('at_once') }),
  /** The core refuses with this code, as if it were so; the network takes nothing. */
  z.object({ kind: z.literal('refuse'), code: z.enum(REFUSALS) }),
]);

export const faultRequest = z.object({
  action,
  /** Which requests; by default submissions, synchronous and asynchronous. */
  method: z.enum(['GET', 'POST']).default('POST'),
  /** The beginning of the path. */
  path: z.string().startsWith('/').default('/transactions'),
  /** Only what this account has a part in, as a source, a payer of fees, or in the path. */
  account: z
    .string()
    .refine((text) => StrKey.isValidEd25519PublicKey(text), { error: 'must be an account (G…)' })
    .optional(),
  /** Only what this node is asked, from 1. */
  node: z.int().min(1).max(9).optional(),
  probability: z.number().min(0).max(1).default(1),
  /** How often at most; without it, for ever. */
  count: z.int().min(1).optional(),
  seed: z.int().min(0).default(1),
});

export type FaultRequest = z.output<typeof faultRequest>;
export type FaultAction = FaultRequest['action'];

/** What a rule is compared with. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  /** From 1. */
  readonly node: number;
  readonly accounts: ReadonlySet<string>;
}
