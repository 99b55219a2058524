import type { Obstacle } from '@libs/ledger';

/** Why payments have failed, as the `error_type` of a metric: a closed list, whatever codes the network comes to know. */
export const ERROR_TYPES = [
  'op_no_destination',
  'op_no_trust',
  'op_not_authorized',
  'op_line_full',
  'op_malformed',
  'memo_required',
  'too_dear',
  'too_old',
  'other',
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** What was found out before signing counts as what the ledger would have said. */
const OBSTACLES: Readonly<Record<Obstacle, ErrorType>> = {
  account_does_not_exist: 'op_no_destination',
  account_requires_a_memo: 'memo_required',
  account_does_not_trust_the_asset: 'op_no_trust',
  issuer_has_not_authorized_account: 'op_not_authorized',
  account_may_not_hold_that_much: 'op_line_full',
};

const TYPES: ReadonlyMap<string, ErrorType> = new Map([
  ...ERROR_TYPES.map((type): [string, ErrorType] => [type, type]),
  ...Object.entries(OBSTACLES),
]);

/** `reason`: a result code, an obstacle, or the bound that was reached with the last code after a colon. */
export function errorTypeOf(reason: string | null): ErrorType {
  const [code = ''] = (reason ?? '').split(':');
  return TYPES.get(code) ?? 'other';
}
