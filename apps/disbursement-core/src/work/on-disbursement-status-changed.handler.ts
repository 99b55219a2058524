import { disbursementStatusChangedV1, type EventOf } from '@libs/contracts';
import { type WorkGoal, WorkItems } from '@libs/disbursements';
import { done, EventHandler, type Outcome } from '@libs/eventing';
import type { TenantTx } from '@libs/persistence';
import { Injectable } from '@nestjs/common';

import { DrainWorkItemsJob } from './drain-work-items.job';

const GOALS = {
  'disbursement-started': 'release',
  'disbursement-paused': 'pause',
  'disbursement-resumed': 'resume',
} as const satisfies Record<(typeof disbursementStatusChangedV1)['types'][number], WorkGoal>;

/** A person started, paused or resumed a disbursement: its payments follow, in chunks. */
@Injectable()
export class OnDisbursementStatusChangedHandler extends EventHandler<typeof disbursementStatusChangedV1> {
  readonly contract = disbursementStatusChangedV1;

  constructor(
    private readonly workItems: WorkItems,
    private readonly drain: DrainWorkItemsJob,
  ) {
    super();
  }

  async handle(tx: TenantTx, event: EventOf<typeof disbursementStatusChangedV1>): Promise<Outcome> {
    const { disbursement_id: disbursementId, goal_version: version } = event.data;
    await this.workItems.put(tx, { disbursementId, goal: GOALS[event.type], version });
    this.drain.soon();
    return done;
  }
}
