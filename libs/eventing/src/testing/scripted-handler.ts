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
    protected readonly options: {
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

/** The same, with one statement for the rows of several events. */
export class ScriptedSetHandler extends ScriptedHandler {
  override async handleAll(tx: TenantTx, events: readonly TestEvent[]): Promise<void> {
    const { consumer, worker, behaviour } = this.options;
    const askAll = async (place: 'before' | 'after'): Promise<void> => {
      for (const event of events) {
        const outcome = await behaviour(event, place, tx);
        if (outcome?.kind === 'park') throw new Error('one of them is to be parked');
      }
    };
    await askAll('before');
    await tx.execute(
      `INSERT INTO public.effects (consumer, worker, tenant_id, key, n, event_id)
       SELECT $1, $2, $3, e.key, e.n, e.id
         FROM unnest($4::text[], $5::int[], $6::uuid[]) WITH ORDINALITY AS e (key, n, id, nr) ORDER BY e.nr`,
      [
        ...[consumer, worker, tx.tenantId],
        events.map(({ key }) => key),
        events.map(({ data }) => data.n),
        events.map(({ id }) => id),
      ],
    );
    await askAll('after');
  }
}
