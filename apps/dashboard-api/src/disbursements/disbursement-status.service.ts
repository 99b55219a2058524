import { AssetsRepository, WalletsRepository } from '@libs/catalogue';
import { disbursementStatusChangedV1 } from '@libs/contracts';
import {
  DisbursementMoves,
  DisbursementsRepository,
  type DisbursementState,
  WorkItems,
} from '@libs/disbursements';
import { disbursementMachine } from '@libs/domain';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import { isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Holds, type StillPayable } from '@libs/submissions';
import { OrganizationsRepository } from '@libs/tenants';
import { Injectable } from '@nestjs/common';

import type { Caller } from '../access/caller';
import { FundCheck, shortageText } from './fund-check.service';

const PAUSE_REASON = 'disbursement paused';
const NOT_READY = 'disbursement is not ready to be started';

const refuse = (status: number, error: string): never => {
  throw new HttpProblem(status, { error });
};

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
    const { state, asset } = await this.unitOfWork.run(caller.context, async (tx) => {
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
    const read = await this.funds.read(caller.context, needed);
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
    });
  }

  /** Returns what was sent before and may still be paid. */
  async pause(caller: Caller, id: string): Promise<readonly StillPayable[]> {
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const state = isId(id) ? await this.disbursements.find(tx, id) : null;
      if (state === null) throw new HttpProblem(404, { error: 'disbursement not found' });
      return await this.goals.pause(tx, id);
    });
  }
}

/** Who may start what. */
@Injectable()
export class StartRules {
  constructor(
    private readonly wallets: WalletsRepository,
    private readonly assets: AssetsRepository,
    private readonly organizations: OrganizationsRepository,
  ) {}

  /** Returns the asset to be paid in; throws the documented refusals in their documented order. */
  async check(
    tx: TenantTx,
    caller: Caller,
    state: DisbursementState,
  ): Promise<{ readonly code: string; readonly issuer: string }> {
    const wallet = await this.wallets.find(tx, state.walletId);
    if (wallet?.enabled !== true) refuse(400, 'disbursement wallet is disabled');
    const startable = [...disbursementMachine.sourcesOf('start'), ...disbursementMachine.sourcesOf('resume')];
    if (!startable.includes(state.status)) refuse(400, NOT_READY);
    const organization = await this.organizations.find(tx);
    if (organization?.isApprovalRequired === true && state.madeBy.includes(caller.context.actor)) {
      refuse(403, "Disbursement can't be started by its creator. Approval by another user is required.");
    }
    const asset = await this.assets.find(tx, state.assetId);
    if (asset === null) throw new HttpProblem(400, { error: 'asset ID could not be retrieved' });
    return { code: asset.code, issuer: asset.issuer };
  }
}

/** Gives a disbursement a new goal: the move, the hold, the work item and the event in one database transaction. */
@Injectable()
export class DisbursementGoals {
  constructor(
    private readonly moves: DisbursementMoves,
    private readonly disbursements: DisbursementsRepository,
    private readonly workItems: WorkItems,
    private readonly outbox: Outbox,
    private readonly holds: Holds,
  ) {}

  async lock(tx: TenantTx, id: string): Promise<void> {
    await this.moves.lock(tx, id);
  }

  async start(tx: TenantTx, id: string, userId: string): Promise<void> {
    const version = (await this.moves.moveToGoal(tx, 'start', id)) ?? refuse(400, NOT_READY);
    await this.disbursements.rememberStarter(tx, id, userId);
    await this.workItems.put(tx, { disbursementId: id, goal: 'release', version });
    await this.tell(tx, 'disbursement-started', id, version);
  }

  async resume(tx: TenantTx, id: string): Promise<void> {
    const version = (await this.moves.moveToGoal(tx, 'resume', id)) ?? refuse(400, NOT_READY);
    await this.holds.release(tx, { type: 'disbursement', id }, PAUSE_REASON);
    await this.workItems.put(tx, { disbursementId: id, goal: 'resume', version });
    await this.tell(tx, 'disbursement-resumed', id, version);
  }

  async pause(tx: TenantTx, id: string): Promise<readonly StillPayable[]> {
    await this.moves.lock(tx, id);
    const version =
      (await this.moves.moveToGoal(tx, 'pause', id)) ?? refuse(400, 'disbursement is not ready to be paused');
    const stillPayable = await this.holds.hold(tx, { type: 'disbursement', id }, PAUSE_REASON);
    await this.workItems.put(tx, { disbursementId: id, goal: 'pause', version });
    await this.tell(tx, 'disbursement-paused', id, version);
    return stillPayable;
  }

  private async tell(
    tx: TenantTx,
    type: (typeof disbursementStatusChangedV1)['types'][number],
    id: string,
    version: number,
  ): Promise<void> {
    const data = { disbursement_id: id, goal_version: version };
    await this.outbox.publish(tx, disbursementStatusChangedV1, { type, key: id, data });
  }
}
