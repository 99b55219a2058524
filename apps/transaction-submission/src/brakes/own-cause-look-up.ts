import { isNative, XLM } from '@libs/kernel';
import {
  type AccountKey,
  type BalanceLine,
  balanceLineOf,
  type LedgerAccount,
  type LedgerHeader,
  spendable,
} from '@libs/ledger';
import type { OwnCauseRepository } from '@libs/submissions';

import { asTenant, type EngineContext } from '../engine-context';
import type { PayingAccounts } from '../keys/paying-accounts';
import { canPayWith } from '../keys/signing-power';
import type { FeeRates } from '../signing/fee-rates';
import { firstBid } from '../signing/fee.policy';
import type { TermsOfTenants } from '../signing/terms-of-tenants';

/** `unseen`: the ledger does not show whether such a cause is gone. Only another envelope can tell. */
export type CauseState = 'gone' | 'there' | 'unseen';

/** What the ledger shows about a cause, by the code that named it. */
const LOOKED_UP = [
  'op_underfunded',
  'tx_insufficient_balance',
  'op_src_no_trust',
  'op_src_not_authorized',
  'op_no_source_account',
  'op_bad_auth',
  'tx_bad_auth',
] as const;
type LookedUpCode = (typeof LOOKED_UP)[number];

type Waiting = Awaited<ReturnType<OwnCauseRepository['waitingAfter']>>;

interface Shown {
  readonly account: LedgerAccount | null;
  readonly key: AccountKey;
  readonly waiting: Waiting;
  /** Of the largest envelope that would be sent, in stroops. */
  readonly fee: bigint;
  readonly baseReserve: bigint;
}

export const canBeLookedUp = (code: string): code is LookedUpCode =>
  LOOKED_UP.some((known) => known === code);

/** Whether what is ours to mend was mended: what the paying account has, and who may sign for it, as the ledger shows it. */
export class OwnCauseLookUp {
  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'reader'>,
    private readonly parts: {
      readonly paying: PayingAccounts;
      readonly terms: TermsOfTenants;
      readonly fees: FeeRates;
      readonly causes: OwnCauseRepository;
    },
  ) {}

  /**
   * As a node says that has the ledger `newest`. Accounts that were read are kept in `seen`: tenants may share one. Throws
   * `LedgerUnreachableError` when no node answers.
   */
  async stateOf(
    tenantId: string,
    code: string,
    { newest, seen }: { readonly newest: LedgerHeader; readonly seen: Map<string, LedgerAccount | null> },
  ): Promise<CauseState> {
    if (!canBeLookedUp(code)) return 'unseen';
    const { paying, terms, fees, causes } = this.parts;
    const own = await paying.of(tenantId);
    if (own.kind === 'none') return 'there';
    const { account: address } = own.key;
    const known = seen.get(address);
    const account =
      known === undefined
        ? await this.context.reader.account(address, { notBefore: newest.sequence })
        : known;
    seen.set(address, account);
    const waiting = await this.context.uow.run(asTenant(tenantId), (tx) => causes.waitingAfter(tx, code));
    const { maxBaseFee, paymentsPerEnvelope } = await terms.of(tenantId);
    const fee = firstBid(await fees.latest(), maxBaseFee) * BigInt(paymentsPerEnvelope + 1);
    const { baseReserve } = newest;
    return isGone(code, { account, key: own.key, waiting, fee, baseReserve }) ? 'gone' : 'there';
  }
}

function isGone(code: LookedUpCode, { account, key, waiting, fee, baseReserve }: Shown): boolean {
  if (account === null) return false;
  // Payments that failed for it may have been taken back since: nothing of it is in anybody's way then.
  const some = (isThere: (one: Waiting[number], line: BalanceLine | null) => boolean): boolean =>
    waiting.length === 0 || waiting.some((one) => isThere(one, balanceLineOf(account, one.asset)));
  switch (code) {
    case 'op_no_source_account':
      return true;
    case 'op_bad_auth':
    case 'tx_bad_auth':
      return canPayWith(account, key.key);
    case 'tx_insufficient_balance':
      return spendable(account, XLM, baseReserve) >= fee;
    case 'op_src_no_trust':
      return some((_, line) => line !== null);
    case 'op_src_not_authorized':
      return some((_, line) => line?.authorized === true);
    case 'op_underfunded':
      return some(({ asset, least }) => {
        const needed = isNative(asset) ? least + fee : least;
        return spendable(account, asset, baseReserve) >= needed;
      });
  }
}
