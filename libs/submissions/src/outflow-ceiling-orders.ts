import { type Asset, sameAsset } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { lockForHolding } from './locks';
import { OperatorDecisionRepository } from './operator-decision.repository';
import { type OutflowCeiling, OutflowCeilings } from './outflow-ceiling.repository';

export interface CeilingOrder {
  readonly asset: Asset;
  /** In stroops; null removes the ceiling. */
  readonly perHour: bigint | null;
  /** 1 to 1,000 characters. */
  readonly reason: string;
}

export interface ChangedCeiling {
  /** What held before, in stroops; null when there was no ceiling. */
  readonly before: bigint | null;
  /** All that hold afterwards. */
  readonly ceilings: readonly OutflowCeiling[];
}

/** What an operator orders about ceilings, kept with name and reason. It is in force when the database transaction commits. */
export class OutflowCeilingOrders {
  constructor(
    private readonly parts: {
      readonly ceilings: OutflowCeilings;
      readonly decisions: OperatorDecisionRepository;
    } = { ceilings: new OutflowCeilings(), decisions: new OperatorDecisionRepository() },
  ) {}

  async list(tx: TenantTx): Promise<readonly OutflowCeiling[]> {
    return await this.parts.ceilings.list(tx);
  }

  /** Null when there was no ceiling to remove. */
  async change(tx: TenantTx, { asset, perHour, reason }: CeilingOrder): Promise<ChangedCeiling | null> {
    const { ceilings, decisions } = this.parts;
    // So that what is read as before is what is changed: of two orders at once the second waits here.
    await lockForHolding(tx);
    const before = (await ceilings.list(tx)).find((one) => sameAsset(one.asset, asset))?.perHour ?? null;
    if (perHour !== null) await ceilings.set(tx, asset, perHour);
    else if (!(await ceilings.remove(tx, asset))) return null;
    await decisions.record(tx, {
      ...{ kind: 'outflow-ceiling', subject: tx.tenantId, actor: tx.actor, reason },
      details: { asset, per_hour: perHour === null ? null : String(perHour) },
    });
    return { before, ceilings: await ceilings.list(tx) };
  }
}
