import { type FundReservation, FundReservations, feeReserveFor, type PromisedTo } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { onlyLooking } from '@libs/identity';
import { type Asset, formatAmount, isNative, XLM } from '@libs/kernel';
import {
  balanceLineOf,
  type LedgerAccount,
  LedgerReader,
  LedgerUnreachableError,
  spendable,
} from '@libs/ledger';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { TenantsRepository } from '@libs/tenants';
import { Inject, Injectable } from '@nestjs/common';

import { type Caller, callerNow } from '../access/caller';
import { SETTINGS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';

/** What one asset of the account can still be promised, as it was read before the lock. */
interface Funds {
  readonly asset: Asset;
  /** In stroops: what the ledger lets the account send. */
  readonly balance: bigint;
  readonly releasedAtFirst: bigint;
}

export interface FundsNeeded {
  readonly account: string;
  readonly asset: Asset;
  /** In stroops, without fees. */
  readonly amount: bigint;
  readonly payments: number;
}

export interface Shortage {
  readonly asset: Asset;
  readonly balance: bigint;
  readonly needed: bigint;
  readonly pending: bigint;
}

/** The balances of an account, read outside of any database transaction, in the order that the check depends on. */
export interface FundsRead {
  readonly needed: FundsNeeded;
  readonly funds: readonly Funds[];
  /** What the account lacks to send the asset at all, whatever its balance. */
  readonly lacks: 'account' | 'trustline' | null;
}

const greater = (a: number, b: number): number => Math.max(a, b);

/**
 * Promises money of a distribution account so that two starts can never promise the same.
 *
 * Order: read *released*, then the balance from a node that has ingested the ledger of the last release, then under
 * the lock require need ≤ balance − (reserved − released as first read).
 *
 * A payment that was applied a moment ago and whose outcome is under way counts twice: the balance lacks it and it is
 * promised still. Only the outcome could tell, so the check is on the safe side and may refuse what fits some seconds
 * later (docs/runbooks/start-refused-for-funds.md).
 */
@Injectable()
export class FundCheck {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reservations: FundReservations,
    private readonly ledger: LedgerReader,
    private readonly tenants: TenantsRepository,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
  ) {}

  /**
   * Throws a 409 for an asset of the account itself where it is not this organisation's alone: whoever pays it issues it. Throws what
   * the guard would, of a caller who has lost the right while the ledger was read: that takes as long as its servers take.
   */
  async read(caller: Caller, needed: FundsNeeded): Promise<FundsRead> {
    const assets = isNative(needed.asset) ? [XLM] : [needed.asset, XLM];
    const first = await this.unitOfWork.run(onlyLooking(caller.context), async (tx) => {
      if (needed.asset.issuer === needed.account && (await this.tenants.sharesAccount(tx, tx.tenantId)))
        throw new HttpProblem(409, { error: issuedForAll(needed) });
      const read: FundReservation[] = [];
      for (const asset of assets) read.push(await this.reservations.read(tx, needed.account, asset));
      return read;
    });
    const notBefore = first.map((one) => one.releasedLedger).reduce(greater, 0);
    const { account, baseReserve } = await this.account(needed.account, notBefore);
    await callerNow(caller);
    const funds = assets.map((asset, index) => ({
      asset,
      balance: account === null ? 0n : spendable(account, asset, baseReserve),
      releasedAtFirst: first[index]?.released ?? 0n,
    }));
    return { needed, funds, lacks: lackOf(account, needed.asset) };
  }

  /** Reserves everything, and keeps at which rate for fees; or nothing, and says what is short. `to` is locked by the caller. */
  async reserve(tx: TenantTx, read: FundsRead, to: PromisedTo): Promise<Shortage | null> {
    const { needed, funds } = read;
    const short = await this.shortage(tx, read);
    if (short !== null) return short;
    for (const { asset } of funds) {
      await this.reservations.reserve(tx, needed.account, asset, this.amountIn(needed, asset));
    }
    await this.reservations.keepBaseFee(tx, to, BigInt(this.settings.MAX_BASE_FEE));
    return null;
  }

  /**
   * Whether what is promised already, with `needed` on top, is covered. Throws a 401 where the organisation was switched off
   * meanwhile: its people were let in a moment too early.
   */
  async shortage(tx: TenantTx, { needed, funds }: FundsRead): Promise<Shortage | null> {
    if (!(await this.tenants.keepUsable(tx, tx.tenantId))) throw new HttpProblem(401);
    for (const { asset, balance, releasedAtFirst } of funds) {
      const { reserved } = await this.reservations.readLocked(tx, needed.account, asset);
      const pending = reserved - releasedAtFirst;
      const amount = this.amountIn(needed, asset);
      if (amount > balance - pending) return { asset, balance, needed: amount, pending };
    }
    return null;
  }

  private amountIn(needed: FundsNeeded, asset: Asset): bigint {
    const fees = isNative(asset) ? feeReserveFor(needed.payments, this.settings.MAX_BASE_FEE) : 0n;
    const isPaidIn = asset.code === needed.asset.code && asset.issuer === needed.asset.issuer;
    return fees + (isPaidIn ? needed.amount : 0n);
  }

  private async account(
    address: string,
    notBefore: number,
  ): Promise<{ readonly account: LedgerAccount | null; readonly baseReserve: bigint }> {
    try {
      const { baseReserve } = await this.ledger.latestLedger();
      return { account: await this.ledger.account(address, { notBefore }), baseReserve };
    } catch (error) {
      if (!(error instanceof LedgerUnreachableError)) throw error;
      throw new HttpProblem(503, { error: 'The ledger does not answer at the moment. Please try again.' });
    }
  }
}

function lackOf(account: LedgerAccount | null, asset: Asset): FundsRead['lacks'] {
  if (account === null) return 'account';
  const isHeld = asset.issuer === account.address || balanceLineOf(account, asset) !== null;
  return isHeld ? null : 'trustline';
}

const issuedForAll = ({ asset, account }: FundsNeeded): string =>
  `the asset ${asset.code} is issued by the distribution account stellar:${account} itself, which other organisations ` +
  'pay from as well: none of them can pay it';

/** The sentence that tells staff what to do. */
export function shortageText(id: string, account: string, short: Shortage): string {
  const missing = short.needed + short.pending - short.balance;
  return (
    `the disbursement ${id} failed due to an account balance (${formatAmount(short.balance)}) that was insufficient to ` +
    `fulfill new amount (${formatAmount(short.needed)}) along with the pending amount (${formatAmount(short.pending)}). ` +
    `To complete this action, your distribution account (stellar:${account}) needs to be recharged with at least ` +
    `${formatAmount(missing)} ${short.asset.code}`
  );
}
