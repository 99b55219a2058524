import type { EventOf } from '@libs/contracts';
import type { TenantTx } from '@libs/persistence';

import { done, EventHandler, type Outcome } from '../event-handler';
import type { TestContracts } from './test-contracts';

type Contract = TestContracts['ordered'];
export type TestEvent = EventOf<Contract>;

/** What happens at a place of the handler, by the event's script: fail, park, wait, kill the process. */
export type Behaviour = (
  event: TestEvent,
  place: 'before' | 'after',
  tx: TenantTx,
) => Outcome | undefined | Promise<Outcome | undefined>;

/** Writes one row per handled event into `public.effects`, so that an effect that happens twice is seen. */
export class ScriptedHandler extends EventHandler<Contract> {
  /** Both ways are tested: what needs no order is handled alone. */
  override readonly together: boolean;

  constructor(
    readonly contract: Contract,
    private readonly options: {
      readonly consumer: string;
      readonly worker: string;
      readonly behaviour: Behaviour;
    },
  ) {
    super();
    this.together = contract.order === 'key';
  }

  async handle(tx: TenantTx, event: TestEvent): Promise<Outcome> {
    const { consumer, worker, behaviour } = this.options;
    const before = await behaviour(event, 'before', tx);
    if (before !== undefined) return before;
    await tx.execute(
      `INSERT INTO public.effects (consumer, worker, tenant_id, key, n, event_id) VALUES ($1, $2, $3, $4, $5, $6)`,
      [consumer, worker, tx.tenantId, event.key, event.data.n, event.id],
    );
    return (await behaviour(event, 'after', tx)) ?? done;
  }
}
