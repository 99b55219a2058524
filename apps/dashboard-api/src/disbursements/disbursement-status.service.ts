import { DisbursementsRepository } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import type { StillPayable } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { DisbursementGoals, NOT_READY, refuse } from './disbursement-goals.service';
import { FundCheck, shortageText } from './fund-check.service';
import { StartRules } from './start-rules.service';

/** Starts, pauses and resumes disbursements. What happens to their payments follows by an event. */
@Injectable()
export class DisbursementStatusService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly disbursements: DisbursementsRepository,
    private readonly goals: DisbursementGoals,
    private readonly startRules: StartRules,
    private readonly funds: FundCheck,
  ) {}

  /** Start and resume alike: both need an approver and funds. */
  async start(caller: Caller, id: string): Promise<void> {
    const { state, asset } = await this.unitOfWork.run(onlyLooking(caller.context), async (tx) => {
      const found = isId(id) ? await this.disbursements.find(tx, id) : null;
      if (found === null) throw new HttpProblem(404, { error: 'disbursement not found' });
      return { state: found, asset: await this.startRules.check(tx, caller, found) };
    });
    const account =
      caller.tenant.distributionAccountAddress ?? refuse(400, 'the distribution account is not ready yet');
    const isResume = state.status === 'PAUSED';
    const needed = isResume
      ? { account, asset, amount: 0n, payments: 0 }
      : { account, asset, amount: state.openAmount, payments: state.open };
    const read = await this.funds.read(onlyLooking(caller.context), needed);
    await this.unitOfWork.run(caller.context, async (tx) => {
      await this.goals.lock(tx, id);
      const now = await this.disbursements.find(tx, id);
      // Somebody else was faster, or another file came: what was checked is no longer what would start.
      if (now?.status !== state.status || now.openAmount !== state.openAmount || now.open !== state.open) {
        return refuse(400, NOT_READY);
      }
      const short = isResume ? await this.funds.shortage(tx, read) : await this.funds.reserve(tx, read);
      if (short !== null) return refuse(409, shortageText(id, account, short));
      if (isResume) await this.goals.resume(tx, id);
      else await this.goals.start(tx, id, caller.user.id);
      note(tx, id, [state.status, 'STARTED']);
    });
  }

  /** Returns what was sent before and may still be paid. */
  async pause(caller: Caller, id: string): Promise<readonly StillPayable[]> {
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const state = isId(id) ? await this.disbursements.find(tx, id) : null;
      if (state === null) throw new HttpProblem(404, { error: 'disbursement not found' });
      const stillPayable = await this.goals.pause(tx, id);
      note(tx, id, [state.status, 'PAUSED']);
      return stillPayable;
    });
  }
}

const note = (tx: TenantTx, id: string, [before, after]: readonly [string, string]): void => {
  noteChange(tx, {
    subjectType: 'disbursement',
    subjectId: id,
    before: { status: before },
    after: { status: after },
  });
};
