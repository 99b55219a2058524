import { disbursementStatusChangedV1 } from '@libs/contracts';
import { DisbursementMoves, DisbursementsRepository, WorkItems } from '@libs/disbursements';
import { Outbox } from '@libs/eventing';
import { HttpProblem } from '@libs/http';
import type { TenantTx } from '@libs/persistence';
import { Holds, type StillPayable } from '@libs/submissions';
import { Injectable } from '@nestjs/common';

const PAUSE_REASON = 'disbursement paused';
export const NOT_READY = 'disbursement is not ready to be started';

export const refuse = (status: number, error: string): never => {
  throw new HttpProblem(status, { error });
};

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
