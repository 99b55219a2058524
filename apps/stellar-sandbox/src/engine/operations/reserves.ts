import { availableBalance } from '../entries';
import { type OperationContext, putAccount } from './operation-rule';

export type ReserveAnswer = 'ok' | 'low_reserve' | 'too_many_subentries';

const SUBENTRIES_MAX = 1000;

interface Reservation {
  /** The account that the entry belongs to. */
  readonly owner: string;
  /** How many base reserves the entry costs. */
  readonly reserves: number;
}

/** Adds to what an account reserves for others; false when it cannot afford it. */
export function takeOverReserve(context: OperationContext, sponsor: string, reserves: number): boolean {
  const account = context.draft.accounts.get(sponsor);
  if (account === undefined) return false;
  const changed = { ...account, sponsoring: account.sponsoring + reserves };
  if (availableBalance(changed, context.ledger.baseReserve) < 0n) return false;
  putAccount(context, changed);
  return true;
}

export function giveBackReserve(context: OperationContext, sponsor: string, reserves: number): void {
  const account = context.draft.accounts.get(sponsor);
  if (account !== undefined) putAccount(context, { ...account, sponsoring: account.sponsoring - reserves });
}

/**
 * Reserves the balance for a new subentry: of the sponsor when one has begun to pay for the owner, otherwise of
 * the owner. `sponsor` is what the entry has to remember.
 */
export function addSubentry(
  context: OperationContext,
  owner: string,
): { readonly answer: ReserveAnswer; readonly sponsor: string | null } {
  const account = context.draft.accounts.get(owner);
  const sponsor = context.sponsorships.get(owner) ?? null;
  if (account === undefined) return { answer: 'low_reserve', sponsor };
  if (account.subentries >= SUBENTRIES_MAX) return { answer: 'too_many_subentries', sponsor };
  const subentries = account.subentries + 1;
  if (sponsor === null) {
    const changed = { ...account, subentries };
    if (availableBalance(changed, context.ledger.baseReserve) < 0n) return { answer: 'low_reserve', sponsor };
    putAccount(context, changed);
    return { answer: 'ok', sponsor };
  }
  if (!takeOverReserve(context, sponsor, 1)) return { answer: 'low_reserve', sponsor };
  // Read again: an account may sponsor an entry of its own sponsor.
  const current = context.draft.accounts.get(owner) ?? account;
  putAccount(context, { ...current, subentries, sponsored: current.sponsored + 1 });
  return { answer: 'ok', sponsor };
}

/** Frees the reserve of a subentry that goes away. */
export function removeSubentry(context: OperationContext, owner: string, sponsor: string | null): void {
  const account = context.draft.accounts.get(owner);
  if (account === undefined) return;
  const sponsored = account.sponsored - (sponsor === null ? 0 : 1);
  putAccount(context, { ...account, subentries: account.subentries - 1, sponsored });
  if (sponsor !== null) giveBackReserve(context, sponsor, 1);
}

/** Moves the reserve of an entry from one payer to another; `null` stands for the owner. */
export function moveReserve(
  context: OperationContext,
  { owner, reserves }: Reservation,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): 'ok' | 'low_reserve' {
  if (to !== null && !takeOverReserve(context, to, reserves)) return 'low_reserve';
  const account = context.draft.accounts.get(owner);
  if (account === undefined) return 'low_reserve';
  const sponsored = account.sponsored + (to === null ? 0 : reserves) - (from === null ? 0 : reserves);
  const changed = { ...account, sponsored };
  if (to === null && availableBalance(changed, context.ledger.baseReserve) < 0n) return 'low_reserve';
  putAccount(context, changed);
  if (from !== null) giveBackReserve(context, from, reserves);
  return 'ok';
}
