import { DisbursementsRepository, type DisbursementState } from '@libs/disbursements';
import { type Answer, IdempotencyKeysRepository, type IdempotentRequest } from '@libs/http';
import { noteChange, onlyLooking } from '@libs/identity';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import type { StillPayable } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { ANOTHER_NEEDED } from './approval-rules.service';
import type { SeenByApprover } from './disbursement-body';
import { DisbursementGoals, NOT_READY, refuse } from './disbursement-goals.service';
import { FundCheck, type FundsRead, shortageText } from './fund-check.service';
import { StartRules } from './start-rules.service';

/** Starts, pauses and resumes disbursements. What happens to their payments follows by an event. */
@Injectable()
export class DisbursementStatusService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly answers: IdempotencyKeysRepository,
    private readonly disbursements: DisbursementsRepository,
    private readonly goals: DisbursementGoals,
    private readonly startRules: StartRules,
    private readonly funds: FundCheck,
  ) {}

  /** Start and resume alike: both need approval and funds. 202 where somebody else has to approve it as well. */
  async start(caller: Caller, id: string, request: IdempotentRequest, seen: SeenByApprover): Promise<Answer> {
    const looked = await this.unitOfWork.run(onlyLooking(caller.context), (tx) =>
      this.answers.findOr(tx, request, async () => {
        const state = await this.known(tx, id);
        return { state, asset: await this.startRules.check(tx, caller, state, seen) };
      }),
    );
    if (looked.answer !== null) return looked.answer;
    const { state, asset } = looked.found;
    const account =
      caller.tenant.distributionAccountAddress ?? refuse(400, 'the distribution account is not ready yet');
    const isResume = state.status === 'PAUSED';
    const needed = isResume
      ? { account, asset, amount: 0n, payments: 0 }
      : { account, asset, amount: state.openAmount, payments: state.open };
    const read = await this.funds.read(caller, needed);
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.letGo(tx, caller, { state, read, seen })),
    );
  }

  private async known(tx: TenantTx, id: string): Promise<DisbursementState> {
    const state = isId(id) ? await this.disbursements.find(tx, id) : null;
    return state ?? refuse(404, 'disbursement not found');
  }

  private async letGo(
    tx: TenantTx,
    caller: Caller,
    {
      state,
      read,
      seen,
    }: { readonly state: DisbursementState; readonly read: FundsRead; readonly seen: SeenByApprover },
  ): Promise<Answer> {
    const { id } = state;
    await this.goals.lock(tx, id);
    const now = await this.disbursements.find(tx, id);
    if (now === null) return refuse(400, NOT_READY);
    this.startRules.assertFile(now, seen);
    await this.startRules.assertWallet(tx, now);
    if (!isSame(now, state)) return refuse(400, NOT_READY);
    if (!(await this.startRules.suffices(tx, caller, now, seen))) {
      note(tx, id, [{ status: state.status }, { approval: 'given' }]);
      return { status: 202, body: { message: ANOTHER_NEEDED } };
    }
    const isResume = state.status === 'PAUSED';
    const short = isResume
      ? await this.funds.shortage(tx, read)
      : await this.funds.reserve(tx, read, { disbursementId: id });
    if (short !== null) return refuse(409, shortageText(id, read.needed.account, short));
    if (isResume) await this.goals.resume(tx, id);
    else await this.goals.start(tx, id, caller.user.id);
    note(tx, id, [{ status: state.status }, { status: 'STARTED' }]);
    return { status: 200, body: { message: 'Disbursement started' } };
  }

  /** Answers with what was sent before and may still be paid. */
  async pause(caller: Caller, id: string, request: IdempotentRequest): Promise<Answer> {
    return await this.unitOfWork.run(caller.context, (tx) =>
      this.answers.once(tx, request, () => this.stop(tx, id)),
    );
  }

  private async stop(tx: TenantTx, id: string): Promise<Answer> {
    const state = await this.known(tx, id);
    const stillPayable = await this.goals.pause(tx, id);
    note(tx, id, [{ status: state.status }, { status: 'PAUSED' }]);
    const mayStillBePaid =
      stillPayable.length === 0 ? {} : { may_still_be_paid: stillPayable.map(stillPayableJson) };
    return { status: 200, body: { message: 'Disbursement paused', ...mayStillBePaid } };
  }
}

const stillPayableJson = ({ paymentId, until }: StillPayable): object => ({
  payment_id: paymentId,
  until: until.toISOString(),
});

/** False when somebody else was faster, or another file came: what was checked is no longer what would start. */
const isSame = (now: DisbursementState, checked: DisbursementState): boolean =>
  now.status === checked.status &&
  now.uploadId === checked.uploadId &&
  now.openAmount === checked.openAmount &&
  now.open === checked.open;

const note = (tx: TenantTx, id: string, [before, after]: readonly [object, object]): void => {
  noteChange(tx, { subjectType: 'disbursements', subjectId: id, before, after });
};
