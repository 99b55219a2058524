import type { Asset } from '@libs/kernel';
import type { TenantContext, UnitOfWork } from '@libs/persistence';

import { OperatorDecisionRepository } from './operator-decision.repository';
import { type OutflowCeiling, OutflowCeilings } from './outflow-ceiling.repository';

export interface CeilingOrder {
  readonly asset: Asset;
  /** In stroops; null removes the ceiling. */
  readonly perHour: bigint | null;
  /** 1 to 1,000 characters. */
  readonly reason: string;
}

/** What an operator orders about ceilings, kept with name and reason. When a call returns, it is in force. */
export class OutflowCeilingOrders {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly parts: {
      readonly ceilings: OutflowCeilings;
      readonly decisions: OperatorDecisionRepository;
    } = { ceilings: new OutflowCeilings(), decisions: new OperatorDecisionRepository() },
  ) {}

  async list(tenantId: string): Promise<readonly OutflowCeiling[]> {
    return await this.uow.run({ tenantId, actor: 'system:outflow ceilings', trace: '' }, (tx) =>
      this.parts.ceilings.list(tx),
    );
  }

  /** What holds afterwards; null when there was no ceiling to remove. */
  async change(
    context: TenantContext,
    { asset, perHour, reason }: CeilingOrder,
  ): Promise<readonly OutflowCeiling[] | null> {
    const { ceilings, decisions } = this.parts;
    return await this.uow.run(context, async (tx) => {
      if (perHour !== null) await ceilings.set(tx, asset, perHour);
      else if (!(await ceilings.remove(tx, asset))) return null;
      await decisions.record(tx, {
        ...{ kind: 'outflow-ceiling', subject: tx.tenantId, actor: tx.actor, reason },
        details: { asset, per_hour: perHour === null ? null : String(perHour) },
      });
      return await ceilings.list(tx);
    });
  }
}
