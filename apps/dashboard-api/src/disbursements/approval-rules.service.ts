import { ApprovalsRepository, type ApprovalSubject } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { UsersRepository } from '@libs/identity';
import type { TenantTx } from '@libs/persistence';
import { type Organization, OrganizationsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { STARTERS } from '../access/route-access';
import { StepUp } from '../access/step-up.service';
import { assertSeen, type SeenRecipients } from './seen-recipients';

/** What the first of two approvers is told. */
export const ANOTHER_NEEDED = 'Approval recorded. Approval by another user is required.';

/** Money that somebody wants to let go. */
export interface MoneyToApprove {
  /** In stroops. */
  readonly amount: bigint;
  /** `user:<id>` of everybody who made it; an API key counts as the person who made the key. */
  readonly madeBy: readonly string[];
  /** What a maker is told. */
  readonly refusal: string;
  /** Who changed them is a maker too. Left out where nobody has looked at them before. */
  readonly recipients?: SeenRecipients;
}

const needsTwo = (organization: Organization | null, amount: bigint): boolean =>
  organization !== null &&
  organization.secondApproverAmount !== null &&
  amount > organization.secondApproverAmount;

/**
 * Who may let money go: one rule for starts, resumes, direct payments and retries.
 *
 * Where the organisation wants approval, and for every amount above `second_approver_amount`, nobody who made it may;
 * above that amount two others have to.
 */
@Injectable()
export class ApprovalRules {
  constructor(
    private readonly organizations: OrganizationsRepository,
    private readonly approvals: ApprovalsRepository,
    private readonly users: UsersRepository,
    private readonly stepUp: StepUp,
  ) {}

  /** Whether somebody else than who makes it has to let so much go. */
  async isNeeded(tx: TenantTx, amount: bigint): Promise<boolean> {
    const organization = await this.organizations.find(tx);
    return organization?.isApprovalRequired === true || needsTwo(organization, amount);
  }

  /**
   * Throws a 403 unless the caller may approve it, with a second factor fresh enough for so much; a 409 unless they have seen what
   * was changed of its recipients, where somebody has to approve or says to have looked.
   */
  async check(tx: TenantTx, caller: Caller, money: MoneyToApprove): Promise<void> {
    await this.checkUnder(tx, caller, await this.organizations.find(tx), money);
  }

  private async checkUnder(
    tx: TenantTx,
    caller: Caller,
    organization: Organization | null,
    { amount, madeBy, refusal, recipients }: MoneyToApprove,
  ): Promise<void> {
    const isNeeded = organization?.isApprovalRequired === true || needsTwo(organization, amount);
    const makers = [...madeBy, ...(recipients?.changes?.madeBy ?? [])];
    if (isNeeded && makers.includes(caller.context.actor)) throw new HttpProblem(403, { error: refusal });
    if (recipients !== undefined && (isNeeded || recipients.isReviewed)) assertSeen(recipients);
    await this.stepUp.assertFreshFor(tx, caller, { organization, amount });
  }

  /**
   * Remembers the caller's approval where two are needed. False while the other one is missing: who was switched off or got
   * another role since they gave theirs lets nothing go any more. Checks first: since the first check the ledger was read, and
   * the rule may have been set meanwhile.
   */
  async suffices(
    tx: TenantTx,
    caller: Caller,
    money: MoneyToApprove & { readonly subjects: readonly ApprovalSubject[] },
  ): Promise<boolean> {
    const organization = await this.organizations.find(tx);
    await this.checkUnder(tx, caller, organization, money);
    if (!needsTwo(organization, money.amount)) return true;
    const people = await this.users.list(tx, 'email', 'asc');
    const approvers = people
      .filter(({ isActive, roles }) => isActive && roles.some((role) => STARTERS.includes(role)))
      .map(({ id }) => id);
    return await this.approvals.give(tx, caller.user.id, money.subjects, approvers);
  }
}
